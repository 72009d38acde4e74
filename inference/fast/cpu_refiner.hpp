// SPDX-License-Identifier: GPL-2.0-or-later
// The refiner on the CPU (paper, section 4.2): four convolutions, only where they are needed for selected cells.
//
// Note [Refining without patches]
// The published code cuts an 8x8 window around each selected 4x4 cell and convolves every window by itself, although
// windows of neighbours overlap. Here rows stream from top to bottom: of each stage a few rows are kept, and in a row
// exactly those pixels are computed that some selected cell needs, once.
//
//     stage                  resolution  channels              reaches beyond a cell
//     input_                 1/2         coarse 37, pictures 6  3 pixels
//     first_  (conv1)        1/2         24                     2
//     second_ (conv2)        1/2         16                     1
//     colours_               1           pictures 6             2
//     third_  (conv3)        1           12                     1
//     conv4                  1           4                      0
//
// Zeros surround input_ and colours_, as in the published code; the stages between are computed beyond the edge.
#pragma once

#include "cpu_pictures.hpp"

#include <array>
#include <memory>

namespace matting::cpu {

inline constexpr int input_reach = 3; ///< as above

/// The weights of the four convolutions, ordered for the streams.
class PackedRefiner : public Layer {
public:
	PackedRefiner(const std::array<LayerWeights, 4> &weights, const Kernels &kernels);

	struct Stage {
		PackedWeights packed; ///< rows: what one output sees, in the order in which it lies in the rows
		Floats bias, low, high;
	};
	const Kernels &kernels;
	Stage first, second, fourth;
	/// By the parity of the output's row and column. conv3 sees conv2's output doubled (nearest): of a 3x3 window
	/// two pixels each way are equal, so that their weights add up to 2x2.
	std::array<std::vector<Stage>, 2> third;
};

/// Rows and buffers of each thread, kept from frame to frame.
class RefinerStreams {
public:
	RefinerStreams();
	~RefinerStreams();
	/// Writes every selected cell's pixels.
	void refine(const PackedRefiner &refiner, const MapView &coarse, const StoredView &source,
		    const StoredView &background, const uint8_t *mask, const Output &output);

private:
	class Stream;
	std::vector<std::unique_ptr<Stream>> streams_; // by thread
	int width_ = 0, coarse_width_ = 0;
};

/// `mask`: (height, width) cells. `errors` is working memory.
void select(const MapView &error, const Options &options, int height, int width, std::vector<float> &errors,
	    uint8_t *mask);
/// Tiles of a coarse map of that size of which the refiner reads something.
std::vector<TilePlace> tiles_near(const Map &mask, int height, int width);

} // namespace matting::cpu
