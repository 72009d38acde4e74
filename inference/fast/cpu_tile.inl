// SPDX-License-Identifier: GPL-2.0-or-later
// See Tile.

constexpr int prefetched = 512; // floats: weights of large layers come from memory

// Unrolled before anything else is done: only then are the sums registers from the beginning to the end.
#define MATTING_EACH_PIXEL _Pragma("GCC unroll 16") for (int p = 0; p < pixels; p++)
#define MATTING_EACH_VECTOR _Pragma("GCC unroll 3") for (int v = 0; v < vectors; v++)

template<int vectors, int pixels> void compute_tile(const Tile &given)
{
	const Tile tile = given; // what is stored below cannot change a copy
	Vector sums[pixels][vectors];
	MATTING_EACH_PIXEL
	MATTING_EACH_VECTOR
	{
		sums[p][v] = load(tile.bias + lanes * v);
		if (tile.add)
			sums[p][v] += load_part(tile.add + p * tile.add_step + lanes * v,
						tile.ends_in_octet && v == vectors - 1);
	}
	for (const Segment *segment = tile.segments; segment != tile.segments + tile.segment_count; segment++) {
		const float *weights = segment->weights;
		const float *inputs[pixels];
		MATTING_EACH_PIXEL
		inputs[p] = segment->inputs[p];
		for (int i = 0; i < segment->count; i++, weights += lanes * vectors) {
			Vector weight[vectors];
			MATTING_EACH_VECTOR
			{
				weight[v] = load(weights + lanes * v);
				__builtin_prefetch(weights + lanes * v + prefetched);
			}
			MATTING_EACH_PIXEL
			MATTING_EACH_VECTOR
			sums[p][v] += weight[v] * inputs[p][i];
		}
	}
	MATTING_EACH_VECTOR
	{
		const Vector low = load(tile.low + lanes * v), high = load(tile.high + lanes * v);
		MATTING_EACH_PIXEL
		store_part(tile.out + p * tile.out_step + lanes * v, clamp(sums[p][v], low, high),
			   tile.ends_in_octet && v == vectors - 1);
	}
}

#undef MATTING_EACH_PIXEL
#undef MATTING_EACH_VECTOR

/// How many pixels fill the registers, by vectors.
constexpr int tile_pixels[max_vectors] = {lanes == 16 ? 16 : 8, lanes == 16 ? 14 : 6, lanes == 16 ? 9 : 4};

template<int vectors, int pixels> constexpr void fill_tiles(TileFunction (&functions)[max_pixels])
{
	functions[pixels - 1] = compute_tile<vectors, pixels>;
	if constexpr (pixels > 1)
		fill_tiles<vectors, pixels - 1>(functions);
}

template<int vectors = max_vectors> constexpr void fill_tiles(TileTable &table)
{
	table.pixels[vectors - 1] = tile_pixels[vectors - 1];
	fill_tiles<vectors, tile_pixels[vectors - 1]>(table.functions[vectors - 1]);
	if constexpr (vectors > 1)
		fill_tiles<vectors - 1>(table);
}
