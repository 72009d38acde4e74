// SPDX-License-Identifier: GPL-2.0-or-later
// The inner loops of solving edges, once for each instruction set: see Note [One source for every processor].
#pragma once

#include "inference/edge_cells.hpp"
#include "inference/edge_network.hpp"

#include "instruction_set.hpp"

#include <cstdint>

namespace matting::cpu {

inline constexpr int edge_span = 16; ///< cells of 4x4 pixels, at most, that are solved at a time

/// The rows of a row of cells.
struct EdgeRows {
	const uint8_t *source[4], *plate[4], *matte[4];
};

/// Pixels of one row, whose cells begin at `cell`; RGBA8.
struct EdgeSpan {
	const uint8_t *source, *plate;
	uint8_t *matte;
	const EdgeLook *upper, *lower; ///< rows of looks
	float share;                   ///< of the lower
	int cell, cells;               ///< the first one, and how many looks a row has
	int count;                     ///< pixels, at most 4 * edge_span
	float strength;
	bool has_holes; ///< somewhere the plate is seen
	const EdgeNetwork *network;
	float *change, *noise;                            ///< of its pixels: what the solution says, and its noise
	const float *changes[2 * edge_around_pixels + 1]; ///< of the whole rows around
	int x, width;                                     ///< of the first pixel, and of the picture
	float *features; ///< (features, 4 * edge_span): only what the network is told; or null
};

struct EdgeKernels {
	/// Of alpha.
	void (*extremes)(const EdgeRows &rows, int cells, uint8_t *lowest, uint8_t *highest);
	/// Of one cell: of what counts for the foreground if it `is_solid`, for the plate if it `is_clear`. Returns what it
	/// differs from the plate: the mean over its pixels of the colours' squared differences.
	float (*sum)(const EdgeRows &rows, int cell, bool is_solid, bool is_clear, EdgeCell &to);
	/// 1 in cells of `mask` that may show the plate.
	void (*alike)(const EdgeRows &rows, int cells, const uint8_t *mask, uint8_t *to);
	void (*texture)(const EdgeRows &rows, int cell, EdgeTexture &to);
	/// Of all cells with something in `mask`, and 0 elsewhere: `guessed` of a row, and then `through`.
	void (*guess_row)(const EdgeSights &sights, int y, const uint8_t *mask);
	void (*through_row)(const EdgeSights &sights, int y);
	void (*halve_row)(const EdgeLevel &from, int y, EdgeLevel &to);
	/// `coarser` has no cells: there is none. Only of cells with something in `mask`, or with null of all.
	void (*fill_row)(EdgeLevel &level, const EdgeLevel &coarser, int y, const uint8_t *mask);
	void (*look_row)(const EdgeLevel *levels, const EdgeSights &sights, int y, const uint8_t *mask, EdgeLook *to);
	/// Opens holes, and says in `change` and `noise` what else there is to do. What is clear has the colour of what is solid around it
	/// then, until it is settled.
	void (*solve)(const EdgeSpan &span);
	/// What `changes` say, without their noise.
	void (*settle)(const EdgeSpan &span);
};

/// Only for an instruction set that this processor has.
const EdgeKernels &edge_kernels(InstructionSet set);

} // namespace matting::cpu
