// SPDX-License-Identifier: GPL-2.0-or-later
// The fast executor's device on NVIDIA's graphics cards. Nothing in a frame waits for the card, and no size depends on
// what it finds.
#include "cuda_layers.hpp"
#include "frame_end.hpp"
#include "frame_graph.hpp"
#include "make_device.hpp"

#include <algorithm>
#include <optional>

#include <ATen/ATen.h>

namespace matting {
namespace cuda {
namespace {

PixelView pixels_of(const Map &stored)
{
	return {stored.data, stored.height, stored.width, stored.row};
}

PixelView pixels_of(const Picture &picture)
{
	return {picture.pixels, picture.height, picture.width, picture.pitch};
}

OutputView view_of(const Output &output)
{
	return {pixels_of(output.picture), output.exact.as<float>(), output.keeps_alpha};
}

cudaMemcpyKind copy_kind(Device from, Device to)
{
	if (from == Device::cpu)
		return to == Device::cpu ? cudaMemcpyHostToHost : cudaMemcpyHostToDevice;
	return to == Device::cpu ? cudaMemcpyDeviceToHost : cudaMemcpyDeviceToDevice;
}

template<typename Number> class FastCudaDevice : public FastDevice {
public:
	explicit FastCudaDevice(int index) : index_(index)
	{
		make_current();
		check_cuda(cudaDeviceGetAttribute(&workspace_.multiprocessors, cudaDevAttrMultiProcessorCount, index),
			   "asking for the device");
		stream_ = make_low_priority_stream();
		for (Event &event : ends_)
			event = make_event(cudaEventDefault);
		begin_ = make_event(cudaEventDefault);
		end_ = make_event(cudaEventDefault);
		end_of_frame_.emplace();
		partial_ = scratch(sizeof(float) * Workspace::max_blocks * Workspace::block_floats);
		tickets_ = allocate(sizeof(unsigned) * Workspace::max_blocks);
		workspace_.partial = static_cast<float *>(partial_.get());
		workspace_.tickets = static_cast<unsigned *>(tickets_.get());
	}
	~FastCudaDevice() override { cudaSetDevice(index_); } // the members give back what belongs to it

	std::shared_ptr<void> allocate(size_t bytes) override
	{
		make_current();
		return cuda::allocate(bytes, "the frame");
	}
	int element() const override { return sizeof(Number); }
	at::Tensor download(const Map &map) override
	{
		make_current();
		const int64_t numbers = (int64_t{1} * map.height * map.width - 1) * map.pixel + map.channels;
		const auto type = map.element == 1 ? at::kByte : map.element == 2 ? at::kHalf : at::kFloat;
		const at::Tensor copy = at::empty({numbers}, type);
		check_cuda(cudaMemcpyAsync(copy.mutable_data_ptr(), map.data, copy.nbytes(), cudaMemcpyDeviceToHost,
					   stream_.get()),
			   "reading a map");
		check_cuda(cudaStreamSynchronize(stream_.get()), "reading a map");
		return copy.as_strided({map.height, map.width, map.channels}, {map.row, map.pixel, 1}).to(at::kFloat);
	}

	LayerPointer prepare(const LayerWeights &weights) const override
	{
		make_current();
		return std::make_shared<ConvolutionLayer<Number>>(weights);
	}
	LayerPointer prepare_upsampled(const LayerWeights &weights) const override
	{
		if constexpr (std::is_same_v<Number, half>) {
			make_current();
			return std::make_shared<UpsampledLayer>(weights);
		}
		return prepare(weights);
	}
	LayerPointer prepare_depthwise(const LayerWeights &weights) const override
	{
		make_current();
		return std::make_shared<DepthwiseLayer<Number>>(weights);
	}
	LayerPointer prepare_refiner(const std::array<LayerWeights, 4> &layers) const override
	{
		make_current();
		return std::make_shared<RefinerLayer<Number>>(layers);
	}

	Picture begin_frame(const Picture &result) override
	{
		make_current();
		const size_t bytes = size_t{4} * result.width * result.height;
		if (frame_bytes_ != bytes) {
			frame_ = scratch(bytes);
			frame_bytes_ = bytes;
		}
		check_cuda(cudaEventRecord(begin_.get(), stream_.get()), "timing a frame");
		return {static_cast<uint8_t *>(frame_.get()), result.width, result.height,
			std::ptrdiff_t{4} * result.width, Device::cuda};
	}
	void run(uint64_t version, const std::function<void()> &operations) override
	{
		const int64_t before = launches();
		graph_.run(version, operations, stream_.get());
		if (const int64_t started = launches() - before; started > 0)
			frame_launches_ = started;
	}
	void time_stages(bool on) override { times_stages_ = on; }
	void end_of(Stage stage) override
	{
		if (!times_stages_) // kernels on either side of an event do not overlap
			return;
		const unsigned flags = graph_.is_recording() ? cudaEventRecordExternal : cudaEventRecordDefault;
		check_cuda(cudaEventRecordWithFlags(ends_[static_cast<size_t>(stage)].get(), stream_.get(), flags),
			   "timing a stage");
	}
	void end_frame(const Picture &result) override
	{
		check_cuda(cudaEventRecord(end_.get(), stream_.get()), "timing a frame");
		const size_t row = size_t{4} * result.width;
		check_cuda(cudaMemcpy2DAsync(result.pixels, result.pitch, frame_.get(), row, row, result.height,
					     copy_kind(Device::cuda, result.device), stream_.get()),
			   "handing a frame over");
		end_of_frame_->await(stream_.get());
	}
	std::array<double, stage_names.size()> stage_milliseconds() override
	{
		std::array<double, stage_names.size()> milliseconds{};
		cudaEvent_t before = begin_.get();
		for (size_t i = 0; i < ends_.size(); i++) {
			milliseconds[i] = elapsed(before, ends_[i].get());
			before = ends_[i].get();
		}
		return milliseconds;
	}
	DeviceFigures figures() override
	{
		make_current();
		size_t free = 0, all = 0;
		check_cuda(cudaMemGetInfo(&free, &all), "asking for the memory");
		return {elapsed(begin_.get(), end_.get()), frame_launches_, allocated_bytes, all - free};
	}

	void convolve(const Layer &layer, const Map &in, const Map &out, const Map &add) override
	{
		cuda::convolve(static_cast<const ConvolutionLayer<Number> &>(layer).weights, cuda::view_of<Number>(in),
			       cuda::view_of<Number>(out), cuda::view_of<Number>(add), workspace_, stream_.get());
	}
	void convolve_depthwise(const Layer &layer, const Map &in, const Map &out) override
	{
		cuda::convolve_depthwise(static_cast<const DepthwiseLayer<Number> &>(layer).weights,
					 cuda::view_of<Number>(in), cuda::view_of<Number>(out), stream_.get());
	}
	void max_pool(const Map &in, const Map &out) override
	{
		cuda::max_pool(cuda::view_of<Number>(in), cuda::view_of<Number>(out), stream_.get());
	}
	void average(const Map &in, const Map &out) override
	{
		cuda::average(cuda::view_of<Number>(in), cuda::view_of<Number>(out), stream_.get());
	}
	void upsample(const Map &in, const Map &out) override
	{
		cuda::upsample(cuda::view_of<Number>(in), cuda::view_of<Number>(out), stream_.get());
	}

	void convolve_upsampled(const Layer &layer, const Map &in, const Map &both, const Map &out) override
	{
		if constexpr (std::is_same_v<Number, half>) {
			const auto &upsampled = static_cast<const UpsampledLayer &>(layer);
			if (cuda::convolve_upsampled(upsampled.weights,
						     static_cast<const half *>(upsampled.fragments.get()),
						     cuda::view_of<half>(in), cuda::view_of<half>(both),
						     cuda::view_of<half>(out), workspace_, stream_.get()))
				return;
		}
		FastDevice::convolve_upsampled(layer, in, both, out);
	}

	void store_picture(const Picture &picture, const Map &stored) override
	{
		make_current();
		check_cuda(cudaMemcpy2DAsync(stored.data, stored.row, picture.pixels, picture.pitch,
					     size_t{4} * picture.width, picture.height,
					     copy_kind(picture.device, Device::cuda), stream_.get()),
			   "taking a picture");
		if (picture.device == Device::cpu) // it is the caller's again
			check_cuda(cudaStreamSynchronize(stream_.get()), "taking a picture");
		repeat_edge(pixels_of(stored), picture.width, picture.height, stream_.get());
	}
	void downsample(const Map &stored, const Map &out) override
	{
		cuda::downsample(pixels_of(stored), cuda::view_of<Number>(out), stream_.get());
	}
	void select(const Map &coarse, const Options &options, const Map &mask) override
	{
		const auto error = cuda::view_of<Number>(coarse.narrow(coarse::error, 1));
		const Selection selection = selection_for(mask);
		if (options.refine_mode == RefineMode::full)
			select_all(selection, stream_.get());
		else if (options.refine_mode == RefineMode::thresholding)
			select_above(error, static_cast<float>(options.refine_threshold), selection, stream_.get());
		else
			select_highest(error,
				       static_cast<int>(
					       std::clamp<int64_t>(options.refine_sample_pixels / 16, 0, mask.count())),
				       options.refine_prevent_oversampling, selection, stream_.get());
	}
	void compose(const Map &coarse, const Map &source, const Map &mask, const Output &output) override
	{
		cuda::compose(cuda::view_of<Number>(coarse), pixels_of(source), mask.data, view_of(output),
			      stream_.get());
	}
	void refine(const Layer &refiner, const Map &coarse, const Map &source, const Map &background, const Map &mask,
		    const Output &output) override
	{
		cuda::refine(static_cast<const RefinerLayer<Number> &>(refiner).weights, cuda::view_of<Number>(coarse),
			     pixels_of(source), pixels_of(background), selection_for(mask), view_of(output),
			     workspace_.multiprocessors, stream_.get());
	}
	void show(View view, const Map &coarse, const Map &mask, const Picture &result) override
	{
		cuda::show(view, cuda::view_of<Number>(coarse), mask.data, pixels_of(result), stream_.get());
	}

private:
	void make_current() const { check_cuda(cudaSetDevice(index_), "choosing the device"); }
	// Maps are no scratch: the margins of pictures and spare channels are read, and never written.
	std::shared_ptr<void> scratch(size_t bytes) const
	{
		make_current();
		return allocate_scratch(bytes, "the frame");
	}

	// 0 when they have not both been recorded.
	static double elapsed(cudaEvent_t begin, cudaEvent_t end)
	{
		float milliseconds = 0;
		if (cudaEventElapsedTime(&milliseconds, begin, end) == cudaSuccess)
			return milliseconds;
		cudaGetLastError();
		return 0;
	}

	Selection selection_for(const Map &mask)
	{
		if (const size_t cells = mask.count(); selection_cells_ != cells) {
			selection_cells_ = 0; // until it has all
			keys_ = scratch(sizeof(uint32_t) * cells);
			selected_ = scratch(sizeof(uint32_t) * cells);
			selection_state_ = allocate(sizeof(unsigned) * Selection::state_words);
			selection_cells_ = cells;
		}
		return {static_cast<uint32_t *>(keys_.get()),
			static_cast<unsigned *>(selection_state_.get()),
			static_cast<uint32_t *>(selected_.get()),
			mask.data,
			mask.height,
			mask.width};
	}

	const int index_;
	Stream stream_;
	Event begin_, end_;
	std::optional<FrameEnd> end_of_frame_;
	std::array<Event, stage_names.size()> ends_;
	FrameGraph graph_;
	Workspace workspace_{};
	std::shared_ptr<void> partial_, tickets_, frame_, keys_, selected_, selection_state_;
	size_t frame_bytes_ = 0, selection_cells_ = 0;
	int64_t frame_launches_ = 0;
	bool times_stages_ = false;
};

} // namespace
} // namespace cuda

std::unique_ptr<FastDevice> make_cuda_device(int device, bool half)
{
	if (half)
		return std::make_unique<cuda::FastCudaDevice<::half>>(device);
	return std::make_unique<cuda::FastCudaDevice<float>>(device);
}

} // namespace matting
