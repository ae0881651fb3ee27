# Makes the constants of generation-measures.test.ts: python3 generation-reference.py
# Needs numpy, scipy, scikit-learn. The definitions are written out by brute force, as in the papers' code.
import numpy as np
from scipy.linalg import sqrtm
from sklearn.metrics import silhouette_score
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier


def points(count, dimension, seed):
    i = np.arange(count * dimension, dtype=np.int64)
    values = ((i * 7919 + 17 * (i * i % 89) + 31 * seed * (i % 13)) % 1009) / 100
    values = values.reshape(count, dimension) + 0.01 * seed * np.arange(dimension)
    return values.astype(np.float32).astype(np.float64)


def frechet(a, b):
    s1, s2 = np.cov(a.T), np.cov(b.T)
    return np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(s1 + s2 - 2 * sqrtm(s1 @ s2).real)


def distances(a, b):
    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(2))


def radii(x, k):
    return np.sort(distances(x, x), axis=1)[:, k]


a, b = points(300, 6, 1), points(280, 6, 40)
print('frechet', repr(frechet(a, b)))
standard = np.cov(a.T)
print('to standard normal', np.sum(a.mean(0) ** 2) + np.trace(standard + np.eye(6) - 2 * sqrtm(standard).real))
d = distances(a, b)
print('precision', (d < radii(b, 3)[None]).any(1).mean())
print('recall', (d < radii(a, 3)[:, None]).any(0).mean())
print('density', (d < radii(b, 5)[None]).sum(1).mean() / 5)
print('coverage', (d.min(0) < radii(b, 5)).mean())
print('mean distance', distances(a, a).sum() / (300 * 299))
labels = (a[:, 0] + a[:, 1] > 10).astype(int) + (a[:, 2] > 6)
classifier = KNeighborsClassifier(10, algorithm='brute')
print('labels', np.bincount(labels))
print('neighbour accuracy', cross_val_score(classifier, a, labels, cv=LeaveOneOut()).mean())
print('silhouette', silhouette_score(a, labels))
