// The clouds that all transport benches measure: one law twice, or a Gaussian against a mixture
// with the same mean and covariance, which no moment can tell apart.
#pragma once

#include <Eigen/Dense>
#include <cmath>
#include <random>
#include <vector>

#include "host/transport/discrete_measure.hpp"

namespace mckean::bench {

inline DiscreteMeasure measure_of(const Eigen::MatrixXd& rows) {
  Matrix matrix(static_cast<std::size_t>(rows.rows()), static_cast<std::size_t>(rows.cols()));
  for (std::size_t i = 0; i < matrix.rows; ++i) {
    for (std::size_t k = 0; k < matrix.cols; ++k)
      matrix(i, k) = rows(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k));
  }
  return make_measure(matrix, {}, "cloud");
}

inline Eigen::MatrixXd normal_rows(std::size_t n, std::size_t d, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  Eigen::MatrixXd rows(static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(d));
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    for (Eigen::Index k = 0; k < rows.cols(); ++k) rows(i, k) = normal(engine);
  }
  return rows;
}

/// The points with the weights of an exponential law.
inline DiscreteMeasure with_weights(DiscreteMeasure cloud, unsigned seed) {
  std::mt19937_64 engine(seed + 2000);
  std::exponential_distribution<double> exponential;
  double sum = 0;
  for (double& weight : cloud.weights) sum += weight = exponential(engine);
  for (double& weight : cloud.weights) weight /= sum;
  cloud.uniform = false;
  return cloud;
}

/// The points divided by their norms.
inline DiscreteMeasure on_sphere(DiscreteMeasure cloud) {
  for (std::size_t i = 0; i < cloud.n; ++i) {
    double square = 0;
    for (std::size_t k = 0; k < cloud.d; ++k) square += std::pow(cloud.planes[k * cloud.n + i], 2);
    for (std::size_t k = 0; k < cloud.d; ++k) cloud.planes[k * cloud.n + i] /= std::sqrt(square);
  }
  return cloud;
}

/// n samples of N(0, I).
inline DiscreteMeasure gaussian_cloud(std::size_t n, std::size_t d, unsigned seed) {
  return measure_of(normal_rows(n, d, seed));
}

/// n samples of a mixture of eight Gaussians of mean 0 and covariance I in all: centred means whose
/// covariance C has the largest eigenvalue 0.8, and covariance I - C of each component.
inline DiscreteMeasure mixture_cloud(std::size_t n, std::size_t d, unsigned seed) {
  constexpr Eigen::Index components = 8;
  Eigen::MatrixXd means = normal_rows(components, d, 77);
  means.rowwise() -= means.colwise().mean().eval();
  Eigen::MatrixXd covariance = means.transpose() * means / double(components);
  const double largest =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(covariance).eigenvalues().maxCoeff();
  means *= std::sqrt(0.8 / largest);
  covariance *= 0.8 / largest;
  const Eigen::MatrixXd within =
      Eigen::MatrixXd::Identity(covariance.rows(), covariance.cols()) - covariance;
  const Eigen::MatrixXd root = within.llt().matrixL();
  Eigen::MatrixXd rows = normal_rows(n, d, seed) * root.transpose();
  std::mt19937_64 engine(seed + 1000);
  std::uniform_int_distribution<Eigen::Index> component(0, components - 1);
  for (Eigen::Index i = 0; i < rows.rows(); ++i) rows.row(i) += means.row(component(engine));
  return measure_of(rows);
}

/// The law of the second cloud; the first one is Gaussian.
enum class Instance { gaussian, mixture };

}  // namespace mckean::bench
