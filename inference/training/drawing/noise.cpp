// SPDX-License-Identifier: GPL-2.0-or-later
#include "noise.hpp"

#include <array>
#include <cmath>

#include "random.hpp"

namespace matting::training {
namespace {

constexpr int side = noise_side, mask = side - 1;

using Tile = std::vector<float>;

// One octave: a lattice of random values, interpolated smoothly; it joins up at the tile's borders.
void add_octave(Tile &tile, Random &random, int spacing, double amplitude)
{
	const int cells = side / spacing;
	std::vector<float> lattice(static_cast<size_t>(cells) * cells);
	for (float &value : lattice)
		value = static_cast<float>(amplitude * random.normal());
	const auto smooth = [](float t) {
		return t * t * (3 - 2 * t);
	};
	for (int y = 0; y < side; y++) {
		const int row = y / spacing, below = (row + 1) % cells;
		const float down = smooth(static_cast<float>(y % spacing) / static_cast<float>(spacing));
		for (int x = 0; x < side; x++) {
			const int column = x / spacing, next = (column + 1) % cells;
			const float right = smooth(static_cast<float>(x % spacing) / static_cast<float>(spacing));
			const float upper =
				std::lerp(lattice[row * cells + column], lattice[row * cells + next], right);
			const float lower =
				std::lerp(lattice[below * cells + column], lattice[below * cells + next], right);
			tile[y * side + x] += std::lerp(upper, lower, down);
		}
	}
}

Tile make_tile(uint64_t seed, double persistence)
{
	Random random(seed, 77);
	Tile tile(static_cast<size_t>(side) * side);
	double amplitude = 1;
	for (int spacing = noise_unit; spacing >= 1; spacing /= 2, amplitude *= persistence)
		add_octave(tile, random, spacing, amplitude);
	double sum = 0, squares = 0;
	for (const float value : tile) {
		sum += value;
		squares += value * value;
	}
	const double mean = sum / (side * side), deviation = std::sqrt(squares / (side * side) - mean * mean);
	for (float &value : tile)
		value = static_cast<float>((value - mean) / deviation);
	return tile;
}

} // namespace

const std::vector<float> &noise_tile(int roughness)
{
	static const std::array<Tile, noise_roughnesses> tiles{make_tile(1, 0.42), make_tile(2, 0.6),
							       make_tile(3, 0.85)};
	return tiles[roughness];
}

float noise_at(int roughness, float x, float y)
{
	const float *tile = noise_tile(roughness).data();
	x *= noise_unit;
	y *= noise_unit;
	const int left = static_cast<int>(x) - (x < 0), top = static_cast<int>(y) - (y < 0);
	const float right_share = x - static_cast<float>(left), lower_share = y - static_cast<float>(top);
	const int column = left & mask, row = top & mask;
	const int next = (column + 1) & mask, below = (row + 1) & mask;
	const float upper =
		tile[row * side + column] + (tile[row * side + next] - tile[row * side + column]) * right_share;
	const float lower =
		tile[below * side + column] + (tile[below * side + next] - tile[below * side + column]) * right_share;
	return upper + (lower - upper) * lower_share;
}

} // namespace matting::training
