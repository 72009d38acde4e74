// SPDX-License-Identifier: GPL-2.0-or-later
// The CPU's inner loops: one table of them for each instruction set.
//
// Note [One source for every processor]
// cpu_kernels.cpp includes the files cpu_*.inl once for each instruction set, in a namespace of its own and with vectors
// as long as the set has them; which table is used is decided when the program runs. No .inl uses anything of the
// standard library: a function that both share with the rest of the program might be kept in its AVX-512 version, and
// stop another processor.
#pragma once

#include "cpu_tile.hpp"
#include "instruction_set.hpp"
#include "map.hpp"

namespace matting::cpu {

/// Where an output pixel of a bilinear resampling (corners not aligned) reads: (1 - share) * [first] + share * [second].
struct Tap {
	int first, second;
	float share;
};

struct BilinearPixel {
	const float *upper_left, *upper_right, *lower_left, *lower_right;
	float right, lower; // shares
};

// ---- Depthwise convolutions, 3x3

inline constexpr int depthwise_taps = 9;

struct DepthwiseWeights {
	const float *weights; ///< [tap][channel]
	const float *bias, *low, *high;
	int channels;
};
/// At the picture's edge: the taps inside.
struct DepthwisePixel {
	const DepthwiseWeights *layer;
	const float *inputs[depthwise_taps], *weights[depthwise_taps];
	int count;
	float *out;
};
/// `count` pixels whose taps are all inside; the rows are those of the first one's taps.
struct DepthwiseSpan {
	const DepthwiseWeights *layer;
	const float *rows[3];
	std::ptrdiff_t tap_step, pixel_step;
	int count;
	float *out;
	std::ptrdiff_t out_step;
};

// ---- Winograd's transforms, see Note [Fewer multiplications]

namespace winograd {
inline constexpr int tile = 4, window = 6, positions = window * window; ///< pixels of output and input each way
inline constexpr float a = 0.75f, b = 1.5f;                             ///< points
} // namespace winograd

/// `count` floats of each tap's weights, whole vectors, into as many of each position's.
struct WinogradWeights {
	const float *in;
	std::ptrdiff_t tap_step;
	int count;
	float *out;
	std::ptrdiff_t plane; ///< from one position's to the next's
};
/// One window of the input, position by position.
struct WinogradInput {
	const float *pixels[winograd::positions];
	int channels; ///< whole octets
	float *out;
	std::ptrdiff_t plane; ///< from one position's to the next's
};
/// One tile of the output, the part of it that lies inside.
struct WinogradOutput {
	const float *in;
	std::ptrdiff_t plane;
	const float *bias, *low, *high;
	const float *add; ///< null: nothing is added
	std::ptrdiff_t add_row, add_pixel;
	float *out;
	std::ptrdiff_t row, pixel;
	int height, width, channels; ///< whole octets
};

// ---- Pictures

/// Part of a row of finished pixels on its way to where the frame goes.
struct OutputSpan {
	uint8_t *bytes; ///< null: to `exact`
	float *exact;
	const uint8_t *source;
	bool keeps_alpha;
	int count;
};

inline constexpr int coarse_step = 40; ///< floats of a coarse pixel: 37 channels and 3 that are zero
inline constexpr int colour_step = 6;  ///< red, green, blue of the source, then of the background
inline constexpr int input_step = 44;  ///< of the refiner's input: 37 + 6, and one that is zero

struct TileTable {
	int pixels[max_vectors];                         ///< how many fill the registers, by vectors - 1
	TileFunction functions[max_vectors][max_pixels]; ///< by vectors - 1, pixels - 1
};

/// Counts of floats are whole octets.
struct Kernels {
	InstructionSet instruction_set;
	int lanes; ///< floats in a vector
	TileTable tiles;

	void (*depthwise_pixel)(const DepthwisePixel &pixel);
	void (*depthwise_span)(const DepthwiseSpan &span);
	void (*winograd_weights)(const WinogradWeights &weights);
	void (*winograd_input)(const WinogradInput &window);
	void (*winograd_output)(const WinogradOutput &tile);

	/// sums += in; highest = max(highest, in).
	void (*add_pixel)(const float *in, int count, float *sums);
	void (*raise_pixel)(const float *in, int count, float *highest);
	void (*mix_pixel)(const BilinearPixel &pixel, int count, float *out);
	/// Two rows, `share` of the lower.
	void (*mix_rows)(const float *upper, const float *lower, float share, int count, float *out);

	/// The first four floats of `count` pixels that are `step` apart, two rows mixed.
	void (*gather_row)(const float *upper, const float *lower, float share, int step, int count, float *out);
	/// From what that gives.
	void (*compose_span)(const float *row, const Tap *columns, const OutputSpan &span);
	/// values: (count, step), of which the first four are alpha and the foreground's difference from the source.
	void (*finish_span)(const float *values, int step, const OutputSpan &span);
	void (*downsample_row)(const uint8_t *upper, const uint8_t *lower, float share, const Tap *columns, int count,
			       int step, float *out);

	/// `count` pixels of half the resolution out of a mixed row of the coarse result.
	void (*mix_coarse_columns)(const float *row, const Tap *columns, int count, float *out);
	/// The mean of 2x2 pixels: what bilinear resampling to half the size gives.
	void (*halve_colours)(const uint8_t *upper, const uint8_t *lower, int count, float *out);
	/// RGBA8 to `colour_step` floats a pixel.
	void (*unpack_colours)(const uint8_t *source, const uint8_t *background, int count, float *out);
};

/// Only for an instruction set that this processor has.
const Kernels &kernels(InstructionSet set);

} // namespace matting::cpu
