// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_tile.hpp"

#include "cpu_vector.hpp"

namespace matting::cpu {
namespace {

template<int vectors, int pixels> MATTING_ALWAYS_INLINE void compute(const Tile &given)
{
	const Tile tile = given; // what is stored below cannot change a copy
	Vector sums[pixels][vectors];
	for (int p = 0; p < pixels; p++)
		for (int v = 0; v < vectors; v++) {
			sums[p][v] = load(tile.bias + lanes * v);
			if (tile.add)
				sums[p][v] += load(tile.add + p * tile.add_step + lanes * v);
		}
	for (const Segment *segment = tile.segments; segment != tile.segments + tile.segment_count; segment++) {
		const float *weights = segment->weights;
		const float *inputs[pixels];
		for (int p = 0; p < pixels; p++)
			inputs[p] = segment->inputs[p];
		for (int i = 0; i < segment->count; i++, weights += lanes * vectors) {
			Vector weight[vectors];
			for (int v = 0; v < vectors; v++)
				weight[v] = load(weights + lanes * v);
			for (int p = 0; p < pixels; p++)
				for (int v = 0; v < vectors; v++)
					sums[p][v] += weight[v] * inputs[p][i];
		}
	}
	for (int p = 0; p < pixels; p++)
		for (int v = 0; v < vectors; v++)
			store(tile.out + p * tile.out_step + lanes * v,
			      clamp(sums[p][v], load(tile.low + lanes * v), load(tile.high + lanes * v)));
}

#define MATTING_TILE(vectors, pixels)                                                                                  \
	MATTING_VECTORISED void tile_##vectors##x##pixels(const Tile &tile)                                            \
	{                                                                                                              \
		compute<vectors, pixels>(tile);                                                                        \
	}
MATTING_TILE(1, 1)
MATTING_TILE(1, 2)
MATTING_TILE(1, 3)
MATTING_TILE(1, 4)
MATTING_TILE(1, 5)
MATTING_TILE(1, 6)
MATTING_TILE(1, 7)
MATTING_TILE(1, 8)
MATTING_TILE(2, 1)
MATTING_TILE(2, 2)
MATTING_TILE(2, 3)
MATTING_TILE(2, 4)
MATTING_TILE(2, 5)
MATTING_TILE(2, 6)
MATTING_TILE(3, 1)
MATTING_TILE(3, 2)
MATTING_TILE(3, 3)
MATTING_TILE(3, 4)
#undef MATTING_TILE

} // namespace

TileFunction tile_function(int vectors, int pixels)
{
	static constexpr TileFunction functions[max_vectors][max_pixels] = {
		{tile_1x1, tile_1x2, tile_1x3, tile_1x4, tile_1x5, tile_1x6, tile_1x7, tile_1x8},
		{tile_2x1, tile_2x2, tile_2x3, tile_2x4, tile_2x5, tile_2x6},
		{tile_3x1, tile_3x2, tile_3x3, tile_3x4}};
	return functions[vectors - 1][pixels - 1];
}

} // namespace matting::cpu
