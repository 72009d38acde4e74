// SPDX-License-Identifier: GPL-2.0-or-later
// Where tiles lie, and whether they pay. See Note [Fewer multiplications].
#include "cpu_winograd.hpp"

namespace matting::cpu {
namespace {

using namespace winograd;

/// Action(first) for the first rows, or columns, of the tiles.
template<typename Action> void for_each_first(int size, int dilation, const Action &action)
{
	for (int phase = 0; phase < std::min(dilation, size); phase++)
		for (int first = phase; first < size; first += tile * dilation)
			action(first);
}

int tile_count(int height, int width, int dilation)
{
	int rows = 0, columns = 0;
	for_each_first(height, dilation, [&](int) { rows++; });
	for_each_first(width, dilation, [&](int) { columns++; });
	return rows * columns;
}

/// Of all pixels. Those that lie outside are not computed directly.
double taps_inside(const PackedLayer &layer, int height, int width)
{
	const auto inside = [&](int size) {
		return 3.0 * size - 2 * std::min(layer.dilation, size);
	};
	return inside(height) * inside(width);
}

} // namespace

std::vector<TilePlace> all_tiles(int height, int width, int dilation)
{
	std::vector<TilePlace> tiles;
	tiles.reserve(tile_count(height, width, dilation)); // it is done for every layer of every frame
	for_each_first(height, dilation, [&](int y) {
		for_each_first(width, dilation, [&](int x) { tiles.push_back({y, x}); });
	});
	return tiles;
}

bool is_transformable(const LayerWeights &layer)
{
	return layer.kernel() == 3 && layer.stride == 1 && layer.padding == layer.dilation;
}

bool pays_to_transform(const PackedLayer &layer, int height, int width)
{
	if (!layer.is_transformable)
		return false;
	// What else there is to do, beside the multiplications; and weights take as long as some tiles.
	constexpr double overhead = 1.4;
	constexpr int weights_in_tiles = 4;
	const int tiles = tile_count(height, width, layer.dilation) + weights_in_tiles;
	return overhead * positions * tiles < taps_inside(layer, height, width);
}

double PackedLayer::multiplications(int height, int width) const
{
	if (is_transformed || pays_to_transform(*this, height, width))
		return double{positions} * tile_count(height, width, dilation) * in * channels;
	return is_transformable ? taps_inside(*this, height, width) * in * channels
				: Layer::multiplications(height, width);
}

std::array<float, winograd::positions> transformed(const float *weights)
{
	constexpr double aa = double{a} * a, bb = double{b} * b;
	constexpr double norm_a = 2 * aa * (aa - bb), norm_b = 2 * bb * (bb - aa);
	constexpr std::array points{0.0, double{a}, -double{a}, double{b}, -double{b}};
	constexpr std::array norms{aa * bb, norm_a, norm_a, norm_b, norm_b};
	std::array<std::array<double, 3>, window> rows{};
	for (size_t i = 0; i < points.size(); i++)
		rows[i] = {1 / norms[i], points[i] / norms[i], points[i] * points[i] / norms[i]};
	rows[window - 1] = {0, 0, 1};
	std::array<float, positions> values;
	for (int i = 0; i < positions; i++) {
		double sum = 0;
		for (int tap = 0; tap < 9; tap++)
			sum += rows[i / window][tap / 3] * rows[i % window][tap % 3] * double{weights[tap]};
		values[i] = static_cast<float>(sum);
	}
	return values;
}

} // namespace matting::cpu
