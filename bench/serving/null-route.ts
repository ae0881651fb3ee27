// The process of the bare route; prints its port.
import { listenNull } from './requests.ts';

await listenNull();
