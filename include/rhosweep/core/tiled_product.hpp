#pragma once

#include <cstdint>
#include <span>

namespace rhosweep::core {

/// Sums that a product of matrices keeps in registers.
inline constexpr std::int64_t product_rows = 4;
inline constexpr std::int64_t product_columns = 16;

/// sums ← sums + left · right, for tiles below each other. Every sum takes its terms in their order, each
/// product and each sum rounded, so that the bits do not depend on the processor.
/// @param left (tiles, terms, product_rows)
/// @param right (terms, product_columns)
/// @param sums (tiles × product_rows, stride), from the tiles' first column on
void add_products(std::span<const double> left, std::span<const double> right, double* sums,
                  std::int64_t stride);

}  // namespace rhosweep::core
