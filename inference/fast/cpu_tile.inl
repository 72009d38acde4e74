// SPDX-License-Identifier: GPL-2.0-or-later
// See Tile.

constexpr int prefetched = 512; // floats: weights of large layers come from memory

template<int vectors, int pixels> void compute_tile(const Tile &given)
{
	const Tile tile = given; // what is stored below cannot change a copy
	Vector sums[pixels][vectors];
	for (int p = 0; p < pixels; p++)
		for (int v = 0; v < vectors; v++) {
			sums[p][v] = load(tile.bias + lanes * v);
			if (tile.add)
				sums[p][v] += load_part(tile.add + p * tile.add_step + lanes * v,
							tile.ends_in_octet && v == vectors - 1);
		}
	for (const Segment *segment = tile.segments; segment != tile.segments + tile.segment_count; segment++) {
		const float *weights = segment->weights;
		const float *inputs[pixels];
		for (int p = 0; p < pixels; p++)
			inputs[p] = segment->inputs[p];
		for (int i = 0; i < segment->count; i++, weights += lanes * vectors) {
			Vector weight[vectors];
			for (int v = 0; v < vectors; v++) {
				weight[v] = load(weights + lanes * v);
				__builtin_prefetch(weights + lanes * v + prefetched);
			}
			for (int p = 0; p < pixels; p++)
				for (int v = 0; v < vectors; v++)
					sums[p][v] += weight[v] * inputs[p][i];
		}
	}
	for (int p = 0; p < pixels; p++)
		for (int v = 0; v < vectors; v++)
			store_part(tile.out + p * tile.out_step + lanes * v,
				   clamp(sums[p][v], load(tile.low + lanes * v), load(tile.high + lanes * v)),
				   tile.ends_in_octet && v == vectors - 1);
}

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
