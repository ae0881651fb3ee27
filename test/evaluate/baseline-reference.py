"""Writes baseline-reference.json: what scikit-learn and numpy compute for baselines.test.ts.

Run: python3 test/evaluate/baseline-reference.py (numpy, scipy, scikit-learn 1.2). The rows are stored with the
expected numbers. Rows are rounded to float32 first, as ours are.
"""
import json
import pathlib

import numpy
from scipy.stats import skew
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import QuantileTransformer, StandardScaler


def draw(count, generator):
    """Seven columns: two correlated, one skewed, one of few values, one constant, one large, one a sum of others."""
    z = generator.normal(size=(count, 5))
    columns = [z[:, 0], 0.8 * z[:, 0] + 0.4 * z[:, 1], numpy.exp(z[:, 2]), numpy.round(2 * z[:, 3]),
               numpy.full(count, 4.25), 1000 + 50 * z[:, 4], z[:, 0] - numpy.exp(z[:, 2])]
    return numpy.stack(columns, 1)


def paper_ecod(training, rows):
    """Li et al. 2022, algorithm 1, by counting: each row counts once beside the training rows."""
    left = -numpy.log(((training[None] <= rows[:, None]).sum(1) + 1) / (len(training) + 1))
    right = -numpy.log(((training[None] >= rows[:, None]).sum(1) + 1) / (len(training) + 1))
    skewed = numpy.where(numpy.nan_to_num(skew(training, axis=0)) < 0, left, right)
    return numpy.max([left.sum(1), right.sum(1), skewed.sum(1)], axis=0)


def row_alone_ecod(training, rows):
    """PyOD's sum by columns with each row joined to the training rows; the skewness is that of the training rows."""
    sign = numpy.sign(numpy.nan_to_num(skew(training, axis=0)))
    scores = []
    for row in rows:
        joined = numpy.vstack([training, row])
        left = -numpy.log((joined <= row).mean(0))
        right = -numpy.log((joined >= row).mean(0))
        corrected = numpy.where(sign < 0, left, numpy.where(sign > 0, right, left + right))
        scores.append(numpy.maximum(corrected, (left + right) / 2).sum())
    return numpy.array(scores)


def batch_ecod(training, rows):
    """The same as PyOD does it: all rows join the training rows at once, and the skewness is that of the whole."""
    joined = numpy.vstack([training, rows])
    sign = numpy.sign(numpy.nan_to_num(skew(joined, axis=0)))
    left = numpy.stack([-numpy.log((joined <= row).mean(0)) for row in rows])
    right = numpy.stack([-numpy.log((joined >= row).mean(0)) for row in rows])
    corrected = numpy.where(sign < 0, left, numpy.where(sign > 0, right, left + right))
    return numpy.maximum(corrected, (left + right) / 2).sum(1)


def forest_scores(training, rows, seeds=10):
    """Scores of several forests, so that the mean has little chance in it."""
    return numpy.mean([
        -IsolationForest(n_estimators=200, max_samples=256, random_state=seed).fit(training).score_samples(rows)
        for seed in range(seeds)
    ], 0)


def numbers(array, digits=7):
    return [float(f"{value:.{digits}g}") for value in numpy.ravel(array)]


generator = numpy.random.default_rng(7)
training = draw(320, generator)
training[300:] = training[:20]
rows = draw(90, generator)
anomaly = numpy.zeros(90, int)
anomaly[60:] = 1
rows[60:70, 1] = -2.5 * rows[60:70, 0]
rows[70:80, 5] += 260
rows[80:90, :4] *= 3
rows[5] = training[3]
training, rows = (x.round(4).astype("float32").astype("float64") for x in (training, rows))

standard = StandardScaler().fit(training)
scaled, scaled_rows = (standard.transform(x).astype("float32").astype("float64") for x in (training, rows))
quantile = QuantileTransformer(n_quantiles=100, output_distribution="normal").fit(training)
rank = 5
expected = {
    "standard": numbers(standard.transform(rows)),
    "quantileNormal": numbers(quantile.transform(rows)),
    "mahalanobis": numbers((PCA(rank, whiten=True).fit(scaled).transform(scaled_rows) ** 2).sum(1)),
    "knnLargest": numbers(NearestNeighbors(n_neighbors=5).fit(scaled).kneighbors(scaled_rows)[0][:, -1]),
    "knnMean": numbers(NearestNeighbors(n_neighbors=5).fit(scaled).kneighbors(scaled_rows)[0].mean(1)),
    "ecod": numbers(paper_ecod(training, rows)),
    "ecodByColumns": numbers(row_alone_ecod(training, rows)),
    "ecodInBatch": numbers(batch_ecod(training, rows)),
    "isolationForest": numbers(forest_scores(training, rows)),
}
for components in (2, 3):
    pca = PCA(components).fit(scaled)
    residual = scaled_rows - pca.inverse_transform(pca.transform(scaled_rows))
    expected[f"pcaResidual{components}"] = numbers((residual ** 2).sum(1))
pca = PCA(0.9, svd_solver="full").fit(scaled)
expected["pcaResidual"] = numbers(((scaled_rows - pca.inverse_transform(pca.transform(scaled_rows))) ** 2).sum(1))
# More columns than rows: four rows span three directions.
wide = PCA(3, whiten=True).fit(scaled[:4])
expected["mahalanobisWide"] = numbers((wide.transform(scaled_rows) ** 2).sum(1))
plane = PCA(2).fit(scaled[:4])
residual = scaled_rows - plane.inverse_transform(plane.transform(scaled_rows))
expected["pcaResidualWide"] = numbers((residual ** 2).sum(1))
expected["isolationForestAuroc"] = round(float(roc_auc_score(anomaly, expected["isolationForest"])), 6)

reference = {
    "width": 7, "training": numbers(training, 9), "rows": numbers(rows, 9), "anomaly": anomaly.tolist(), "expected": expected,
}
path = pathlib.Path(__file__).with_name("baseline-reference.json")
path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
variances = PCA().fit(scaled).explained_variance_
print(path.stat().st_size, "bytes; forest", expected["isolationForestAuroc"], "; variances", variances / variances[0])
