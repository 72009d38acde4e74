// SPDX-License-Identifier: GPL-2.0-or-later
// All of an instruction set's kernels, and the table of them.
#include "cpu_vector.inl"

#include "cpu_tile.inl"

#include "cpu_depthwise.inl"

#include "cpu_winograd.inl"

#include "cpu_maps.inl"

#include "cpu_pictures.inl"

constexpr TileTable tile_table()
{
	TileTable table{};
	fill_tiles(table);
	return table;
}

constexpr Kernels table(InstructionSet set)
{
	return {.instruction_set = set,
		.lanes = lanes,
		.tiles = tile_table(),
		.depthwise_pixel = depthwise_pixel,
		.depthwise_span = depthwise_span,
		.winograd_weights = winograd_weights,
		.winograd_input = winograd_input,
		.winograd_output = winograd_output,
		.add_pixel = add_pixel,
		.raise_pixel = raise_pixel,
		.mix_pixel = mix_pixel,
		.mix_rows = mix_rows,
		.gather_row = gather_row,
		.compose_span = compose_span,
		.finish_span = finish_span,
		.downsample_row = downsample_row,
		.mix_coarse_columns = mix_coarse_columns,
		.halve_colours = halve_colours,
		.unpack_colours = unpack_colours};
}
