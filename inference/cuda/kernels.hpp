// SPDX-License-Identifier: GPL-2.0-or-later
// The kernels of the fast executor on CUDA. Each does what the function of the same name does on the CPU
// (fast/cpu_*.hpp), which is the twin that tests compare it with. Number is half or float; all work is done in fp32
// and stored as Number. All are asynchronous on `stream`; an error of a launch throws.
#pragma once

#include "inference/edge_cells.hpp"
#include "inference/edge_network.hpp"
#include "inference/fast/map.hpp"
#include "inference/matting.hpp"

#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

namespace matting::cuda {

/// A map as kernels take it. The pixels of a row and the rows of a map lie evenly: pixel (y, x) begins at (y * width +
/// x) * pixel. Data and pixel are multiples of 8 numbers where a kernel reads whole octets.
template<typename Number> struct MapView {
	Number *data;
	int height, width, channels, pixel;
};
template<typename Number> MapView<Number> view_of(const Map &map)
{
	return {map.as<Number>(), map.height, map.width, map.channels, static_cast<int>(map.pixel)};
}

/// A stored picture or the frame: pixel (y, x) begins at data + y * pitch + 4 * x.
struct PixelView {
	uint8_t *data;
	int height, width;
	std::ptrdiff_t pitch;
};

struct OutputView {
	PixelView picture;
	float *exact; ///< null: into the picture
	bool keeps_alpha;
};

// ---- Maps

/// Weights as convolve reads them: rows of `steps` * 32 numbers, one for each output channel and zeros up to `rows`. A
/// row goes tap by tap, and in a tap through the input's octets.
template<typename Number> struct ConvolutionWeights {
	const Number *weights;
	const float *bias, *low, *high; ///< `rows` long
	int channels, kernel, stride, padding, dilation;
	int octets; ///< of input channels
	int steps, rows;
};
/// Where parts of long sums meet: see Note [Splitting long sums].
struct Workspace {
	float *partial;
	unsigned *tickets; ///< zero between kernels
	int multiprocessors;

	static constexpr int max_blocks = 1024, block_floats = 4096;
};
/// `add` may have no data.
template<typename Number>
void convolve(const ConvolutionWeights<Number> &weights, const MapView<Number> &in, const MapView<Number> &out,
	      const MapView<Number> &add, const Workspace &workspace, cudaStream_t stream);

/// The convolution of a map whose first channels are `low`, upsampled; they are not read there. 3x3, stride 1, padding
/// 1; low's channels are a multiple of 8. `fragments`: the weights in the order of the tensor cores' fragments, for
/// multiples of 16 input and 16 * fragment_pairs output channels: [16 inputs][tap][16 outputs][lane][8].
/// False, and nothing is done: for so few pixels it is faster to upsample first.
bool convolve_upsampled(const ConvolutionWeights<half> &weights, const half *fragments, const MapView<half> &low,
			const MapView<half> &both, const MapView<half> &out, const Workspace &workspace,
			cudaStream_t stream);
inline constexpr int fragment_pairs = 4;

template<typename Number> struct DepthwiseWeights {
	const float *weights; ///< [tap][channel], 3x3
	const float *bias, *low, *high;
	int stride, padding, dilation;
};
template<typename Number>
void convolve_depthwise(const DepthwiseWeights<Number> &weights, const MapView<Number> &in, const MapView<Number> &out,
			cudaStream_t stream);
template<typename Number> void max_pool(const MapView<Number> &in, const MapView<Number> &out, cudaStream_t stream);
template<typename Number> void average(const MapView<Number> &in, const MapView<Number> &out, cudaStream_t stream);
template<typename Number> void upsample(const MapView<Number> &in, const MapView<Number> &out, cudaStream_t stream);

// ---- Pictures

/// Repeats the last column and row of the left upper `width` x `height` pixels over the rest.
void repeat_edge(const PixelView &stored, int width, int height, cudaStream_t stream);
template<typename Number> void downsample(const PixelView &stored, const MapView<Number> &out, cudaStream_t stream);
template<typename Number>
void compose(const MapView<Number> &coarse, const PixelView &source, const uint8_t *mask, const OutputView &output,
	     cudaStream_t stream);
template<typename Number>
void show(View view, const MapView<Number> &coarse, const uint8_t *mask, const PixelView &result, cudaStream_t stream);

// ---- Selection and refiner

/// What a selection works with, for `cells` cells.
struct Selection {
	uint32_t *keys;     ///< cells: the errors' bits
	unsigned *state;    ///< Selection::state_words words; zero between frames
	uint32_t *selected; ///< cells: the numbers of those selected, in any order; as many as state[0] says
	uint8_t *mask;      ///< cells
	int height, width;

	static constexpr int state_words = 2048 + 16;
};
/// One channel of error. As many cells as `count`, those of the highest error; ties go to the first.
template<typename Number>
void select_highest(const MapView<Number> &error, int count, bool only_positive, const Selection &selection,
		    cudaStream_t stream);
template<typename Number>
void select_above(const MapView<Number> &error, float threshold, const Selection &selection, cudaStream_t stream);
void select_all(const Selection &selection, cudaStream_t stream);

/// The refiner's four layers. half: in the order of the tensor cores' fragments; float: [tap][in][out]. Inputs as they
/// lie in a patch: 37 of the coarse result, 3 zeros, source, background, 2 zeros; 24; 16, source, background, 2 zeros;
/// 12, 4 zeros. Outputs: 24, 16, 16 (12 and zeros), 8 (4 and zeros).
template<typename Number> struct RefinerWeights {
	const Number *weights[4];
	const float *bias[4], *low[4], *high[4];
};
template<typename Number>
void refine(const RefinerWeights<Number> &refiner, const MapView<Number> &coarse, const PixelView &source,
	    const PixelView &background, const Selection &selection, const OutputView &output, int multiprocessors,
	    cudaStream_t stream);

// ---- Finishing: the steps of finishing_steps.hpp. A plane has the picture's size, and rows without gaps.

struct Plane {
	uint8_t *data;
	int height, width;
};
struct Levels {
	uint8_t values[256];
};
/// Weights of the pixels from -reach to +reach.
struct Average {
	static constexpr int max_reach = 32;
	uint32_t weights[2 * max_reach + 1];
	int reach;
};
void look_up_alpha(const PixelView &picture, const Levels &levels, const Plane &alpha, cudaStream_t stream);
/// Where `alpha` is 0 and `grown` not, the picture's colour changes.
void grow(const PixelView &picture, const Plane &alpha, const Plane &grown, bool square, cudaStream_t stream);
void shrink(const Plane &alpha, const Plane &shrunk, bool square, cudaStream_t stream);
void mix(const Plane &alpha, const Plane &before, uint32_t share, cudaStream_t stream);
void average(const Plane &in, const Plane &out, const Average &average, bool in_columns, cudaStream_t stream);
/// `alpha` is at most that of `kept`.
void limit(const PixelView &kept, const Plane &alpha, cudaStream_t stream);
/// `colours` has no data: the picture's own.
void finish(const PixelView &picture, const Plane &alpha, const PixelView &colours, bool as_grey, cudaStream_t stream);

// ---- Edges, solved: see Note [The plate solves the edge]. All three pictures have the same size.

/// A byte of flags for each cell of 4x4 pixels: something in it is soft, visible, not solid; or it is solid and looks clear.
namespace edge_flags {
inline constexpr uint8_t soft = 1, visible = 2, open = 4, hole = 8, alike = 16; // alike: edge_is_alike
}
struct EdgeChange {
	half change, noise; ///< what the solution says of a pixel, and the variance that its noise has
};
struct EdgeMaps {
	Plane flags, near, in_rows; ///< `near`: and what lies around
	EdgeSights sights;
	EdgeLevel levels[edge_levels];
	EdgeLook *looks;     ///< one for each cell
	EdgeChange *changes; ///< one for each pixel
	const EdgeNetwork *network;
};
void solve_edges(const PixelView &source, const PixelView &plate, const PixelView &matte, const EdgeMaps &maps,
		 float strength, cudaStream_t stream);

/// See Note [Large pictures first at half the size]. `before`: of a matte, where alpha of its half goes; else without data.
void halve_picture(const PixelView &picture, const PixelView &half, const Plane &before, cudaStream_t stream);
/// What the half has gained since then is added to the matte, where the source is opaque.
void add_gains(const PixelView &half, const Plane &before, const PixelView &source, const PixelView &matte,
	       cudaStream_t stream);

/// Kernels that this thread has started so far.
int64_t launches();

} // namespace matting::cuda
