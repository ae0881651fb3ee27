// A transaction in the making, and the patterns of fraud that it may belong to.

export const fraudPatterns = [
  'high_amount', // one payment far above what anybody pays
  'terminal', // a compromised terminal: for days, most who pay there are charged more
  'card', // a compromised card: for days, a customer's amounts are multiplied
  'card_testing', // a burst of tiny payments within minutes, to see whether a card works
  'unusual_place', // a payment far from home in the night
] as const;
export type FraudPattern = (typeof fraudPatterns)[number];

/** A transaction in the making; fraud may change it. */
export interface Purchase {
  /** Second of the day. */
  readonly second: number;
  readonly customer: number;
  readonly terminal: number;
  amount: number;
  pattern?: FraudPattern;
}
