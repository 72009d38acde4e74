// SPDX-License-Identifier: GPL-2.0-or-later
#include "cuda_finishing.hpp"

#include "cuda_edges.hpp"
#include "cuda_memory.hpp"
#include "kernels.hpp"

#include "inference/finishing_steps.hpp"

#include <algorithm>
#include <optional>

namespace matting {
namespace {

class CudaFinishing : public FinishingSteps {
public:
	explicit CudaFinishing(int device) : device_(device)
	{
		make_current();
		stream_ = cuda::make_low_priority_stream();
		wait_.emplace();
	}

	void set_plate(const Picture &plate) override
	{
		make_current();
		edges_.set_plate(plate, stream_.get());
	}
	void keep(const Picture &source) override
	{
		make_current();
		const size_t row = size_t{4} * source.width, bytes = row * source.height;
		if (kept_bytes_ != bytes)
			kept_ = cuda::allocate_scratch(bytes, "the camera's colours");
		kept_bytes_ = bytes;
		check_cuda(cudaMemcpy2DAsync(kept_.get(), row, source.pixels, source.pitch, row, source.height,
					     cudaMemcpyDeviceToDevice, stream_.get()),
			   "keeping the camera's colours");
		// Some hundredths of a millisecond: to sleep would take longer.
		check_cuda(cudaStreamSynchronize(stream_.get()), "keeping the camera's colours");
	}
	void solve(const Picture &picture, double strength) override
	{
		make_current();
		edges_.solve(kept_of(picture), view_of(picture), static_cast<float>(strength), stream_.get());
		wait_->await(stream_.get(), "solving an edge");
	}
	void begin(const Picture &picture, const std::array<uint8_t, 256> &levels) override
	{
		make_current();
		if (alpha_.width != picture.width || alpha_.height != picture.height)
			make_planes(picture.width, picture.height);
		cuda::Levels table;
		std::copy(levels.begin(), levels.end(), table.values);
		cuda::look_up_alpha(view_of(picture), table, alpha_, stream_.get());
	}
	void grow(const Picture &picture, bool square) override
	{
		cuda::grow(view_of(picture), alpha_, before_, square, stream_.get());
		std::swap(alpha_, before_);
	}
	void shrink(bool square) override
	{
		cuda::shrink(alpha_, before_, square, stream_.get());
		std::swap(alpha_, before_);
	}
	void mix(uint32_t share) override { cuda::mix(alpha_, before_, share, stream_.get()); }
	void set_aside() override
	{
		check_cuda(cudaMemcpyAsync(aside_.data, alpha_.data, size_t{1} * alpha_.width * alpha_.height,
					   cudaMemcpyDeviceToDevice, stream_.get()),
			   "softening an edge");
	}
	void average(const std::vector<uint32_t> &weights) override
	{
		cuda::Average average{.weights = {}, .reach = static_cast<int>(weights.size() / 2)};
		if (average.reach > cuda::Average::max_reach)
			throw Error("an edge cannot be that soft");
		std::copy(weights.begin(), weights.end(), average.weights);
		cuda::average(aside_, before_, average, /*in_columns=*/false, stream_.get());
		cuda::average(before_, alpha_, average, /*in_columns=*/true, stream_.get());
	}
	void limit() override
	{
		cuda::limit({static_cast<uint8_t *>(kept_.get()), alpha_.height, alpha_.width,
			     std::ptrdiff_t{4} * alpha_.width},
			    alpha_, stream_.get());
	}
	void end(const Picture &picture, View view, bool kept) override
	{
		cuda::PixelView colours = kept_of(picture);
		if (!kept)
			colours.data = nullptr;
		cuda::finish(view_of(picture), alpha_, colours, view == View::alpha, stream_.get());
		wait_->await(stream_.get(), "finishing an edge");
	}

private:
	void make_current() const { check_cuda(cudaSetDevice(device_), "choosing the device"); }
	void make_planes(int width, int height)
	{
		alpha_ = {};
		const size_t bytes = size_t{1} * width * height;
		planes_ = cuda::allocate_scratch(3 * bytes, "the edge");
		auto *data = static_cast<uint8_t *>(planes_.get());
		aside_ = {data + 2 * bytes, height, width};
		before_ = {data + bytes, height, width};
		alpha_ = {data, height, width};
	}
	/// What was kept, of the picture's size.
	cuda::PixelView kept_of(const Picture &picture) const
	{
		return {static_cast<uint8_t *>(kept_.get()), picture.height, picture.width,
			std::ptrdiff_t{4} * picture.width};
	}
	static cuda::PixelView view_of(const Picture &picture)
	{
		return {picture.pixels, picture.height, picture.width, picture.pitch};
	}

	const int device_;
	cuda::Stream stream_;
	std::optional<cuda::QuietWait> wait_;
	CudaEdges edges_;
	std::shared_ptr<void> planes_, kept_;
	size_t kept_bytes_ = 0;
	cuda::Plane alpha_{}, before_{}, aside_{};
};

} // namespace

std::unique_ptr<FinishingSteps> make_cuda_finishing(int device)
{
	return std::make_unique<CudaFinishing>(device);
}

} // namespace matting
