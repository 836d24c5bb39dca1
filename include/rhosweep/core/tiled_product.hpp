#pragma once

#include <cstdint>
#include <span>

namespace rhosweep::core {

/// Size of the tile of sums that a matrix product keeps in registers.
inline constexpr std::int64_t product_rows = 4;
inline constexpr std::int64_t product_columns = 16;

/// sums ← sums + left · right, for tiles stacked vertically. Every sum adds its terms in order and rounds
/// each product and each sum, so the bits do not depend on the processor.
/// @param left the left factor, shape (tiles, terms, product_rows)
/// @param right the right factor, shape (terms, product_columns)
/// @param sums the place of the tiles' first column in an array of shape (tiles × product_rows, stride)
void add_products(std::span<const double> left, std::span<const double> right, double* sums,
                  std::int64_t stride);

}  // namespace rhosweep::core
