// SPDX-License-Identifier: GPL-2.0-or-later
// Convolutions as products of matrices that are never written down: rows are output pixels, columns output channels,
// and the depth runs tap by tap through the input's octets of channels.
#pragma once

#include "launch.cuh"

namespace matting::cuda {

constexpr int divide_up(int a, int b)
{
	return (a + b - 1) / b;
}

template<typename Number> struct ConvolutionArguments {
	ConvolutionWeights<Number> layer;
	MapView<Number> in, out, add;
	int splits;
	Workspace workspace;
};

/// Where an output pixel's window begins; pixels beyond the last see only zeros.
struct Window {
	int y, x;
};

template<typename Number> __device__ inline Window window_of(const ConvolutionArguments<Number> &arguments, int pixel)
{
	const auto &layer = arguments.layer;
	if (pixel >= arguments.out.height * arguments.out.width)
		return {-(1 << 24), 0};
	return {pixel / arguments.out.width * layer.stride - layer.padding,
		pixel % arguments.out.width * layer.stride - layer.padding};
}

/// An octet on the way through the depth.
class DepthCursor {
public:
	__device__ DepthCursor(int octet, int octets, int kernel) : octets_(octets), kernel_(kernel)
	{
		const int tap = octet / octets;
		octet_ = octet % octets;
		tap_y_ = tap / kernel;
		tap_x_ = tap % kernel;
	}
	__device__ void advance(int octets)
	{
		octet_ += octets;
		while (octet_ >= octets_) {
			octet_ -= octets_;
			if (++tap_x_ == kernel_) {
				tap_x_ = 0;
				tap_y_++;
			}
		}
	}
	/// In the window's input; null outside of the picture and beyond the last tap.
	template<typename Number>
	__device__ const Number *input(const MapView<Number> &in, const Window &window, int dilation) const
	{
		const int y = window.y + tap_y_ * dilation, x = window.x + tap_x_ * dilation;
		if (tap_y_ >= kernel_ || y < 0 || y >= in.height || x < 0 || x >= in.width)
			return nullptr;
		return pixel_at(in, y, x) + 8 * octet_;
	}

private:
	int octets_, kernel_, octet_, tap_y_, tap_x_;
};

/// What a block's sums end with, in shared memory: to load it in the end would take as long as a step of the sums.
template<int channels> struct alignas(8) Bounds {
	float bias[channels], low[channels], high[channels];

	/// All threads of the block; to be read behind a barrier.
	template<typename Number> __device__ void load(const ConvolutionWeights<Number> &layer, int first_channel)
	{
		for (int i = static_cast<int>(threadIdx.x); i < channels; i += static_cast<int>(blockDim.x)) {
			const bool is_there = first_channel + i < layer.rows;
			bias[i] = is_there ? layer.bias[first_channel + i] : 0;
			low[i] = is_there ? layer.low[first_channel + i] : 0;
			high[i] = is_there ? layer.high[first_channel + i] : 0;
		}
	}
};

/// The end of sums of two neighbouring channels, of which the first is even: out = clamp(sum + bias + add).
template<typename Number> class PairEnd {
public:
	/// `in_block`: the channel's number among those of the block.
	template<int channels>
	__device__ PairEnd(const ConvolutionArguments<Number> &arguments, const Bounds<channels> &bounds, int channel,
			   int in_block)
		: arguments_(arguments), channel_(channel), bias_(load_pair(bounds.bias + in_block)),
		  low_(load_pair(bounds.low + in_block)), high_(load_pair(bounds.high + in_block))
	{
	}
	__device__ void finish(int pixel, float first, float second) const
	{
		if (pixel >= arguments_.out.height * arguments_.out.width || channel_ >= arguments_.layer.channels)
			return;
		float2 values = make_float2(first + bias_.x, second + bias_.y);
		if (arguments_.add.data) {
			const float2 added = load_pair(arguments_.add.data +
						       static_cast<int64_t>(pixel) * arguments_.add.pixel + channel_);
			values = make_float2(values.x + added.x, values.y + added.y);
		}
		values = make_float2(clamp(values.x, low_.x, high_.x), clamp(values.y, low_.y, high_.y));
		Number *to = arguments_.out.data + static_cast<int64_t>(pixel) * arguments_.out.pixel + channel_;
		if (channel_ + 1 < arguments_.layer.channels)
			store_pair(to, values.x, values.y);
		else
			store(to, values.x);
	}

private:
	const ConvolutionArguments<Number> &arguments_;
	const int channel_;
	const float2 bias_, low_, high_;
};

} // namespace matting::cuda
