// SPDX-License-Identifier: GPL-2.0-or-later
#include "scripted_executor.hpp"

#include "cuda_library.hpp"
#include "pixels.hpp"
#include "platform.hpp"

#include "inference/model/file_adapter.hpp"

#include <chrono>
#include <mutex>

#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

namespace matting {
namespace {

// Note [No profiling executor]
// LibTorch's default executor profiles the first call and compiles the graph inside the second; with the fuser on that
// is a stall of seconds, and again after each change of size. Off, the first call costs half as much again as the
// others, the steady state costs the same, and neither a new size nor a new attribute is felt. So there is nothing to
// warm up but memory, and the first frame does that. The switches are global and must be set before the first forward.
void turn_off_profiling_executor()
{
	static std::once_flag once;
	std::call_once(once, [] {
		torch::jit::getProfilingMode() = false;
		torch::jit::setTensorExprFuserEnabled(false);
	});
}

// Frozen: batch norms are folded into convolutions, constants into the graph. The attributes stay attributes.
torch::jit::Module freeze_but_attributes(const torch::jit::Module &network)
{
	std::vector<std::string> attributes;
	for_each_option([&](const auto &row) {
		if (row.attribute)
			attributes.emplace_back(row.name);
	});
	return torch::jit::freeze(network, attributes);
}

// ATen looks its CUDA hooks up once and keeps the answer: this must come before anything asks it about CUDA.
void load_libtorch_cuda()
{
	if (!load_library(libtorch_cuda_name, /*for_all=*/true))
		throw Error(
			"engine.no_libtorch_cuda",
			"the scripted executor and training on CUDA need LibTorch's CUDA libraries ({}): set up with "
			"ci/setup.sh --cuda, or use the fast executor, or the device cpu",
			library_problem());
}

MatteTensors on_cpu(const MatteTensors &matte)
{
	const auto copied = [](const at::Tensor &planes) {
		return planes.to(at::kCPU, at::kFloat);
	};
	return {copied(matte.alpha), copied(matte.foreground), copied(matte.coarse_error), copied(matte.refined)};
}

torch::jit::Module make_for_inference(const ModelFile &file)
{
	const torch::InferenceMode inference;
	return make_network(file);
}

// From the opened file: this thread may open none.
torch::jit::Module load_code(const InputFile &file)
try {
	const torch::InferenceMode inference;
	torch::jit::Module network = torch::jit::load(std::make_shared<FileAdapter>(file), at::kCPU, false);
	network.eval();
	return network;
} catch (const c10::Error &error) {
	const std::string words = error.what_without_backtrace();
	throw ModelError("engine.no_code",
			 "cannot run {}: it is no TorchScript file, or was made for another LibTorch ({})",
			 file.path().string(), words.substr(0, words.find('\n')));
}

// One of the first two outputs of code that anybody may have written.
at::Tensor require_planes(const c10::ArrayRef<c10::IValue> &outputs, size_t index, int64_t channels,
			  const at::Tensor &source)
{
	const bool is_there = index < outputs.size() && outputs[index].isTensor();
	const at::Tensor planes = is_there ? outputs[index].toTensor() : at::Tensor();
	if (!is_there || planes.sizes() != at::IntArrayRef({1, channels, source.size(2), source.size(3)}))
		throw ModelError(
			"engine.other_signature",
			"the code in the model file gives no (pha, fgr, ...) of the picture's size, as BackgroundMattingV2 "
			"does: choose another model");
	return at::nan_to_num(planes.to(at::kFloat), 0, 1, 0).clamp(0, 1).contiguous();
}

// One of those that are only looked at.
at::Tensor optional_plane(const c10::ArrayRef<c10::IValue> &outputs, size_t index, const at::Tensor &source)
{
	if (index < outputs.size() && outputs[index].isTensor()) {
		const at::Tensor plane = outputs[index].toTensor();
		if (plane.dim() == 4 && plane.size(0) == 1 && plane.size(1) == 1 && plane.numel() > 0)
			return at::nan_to_num(plane.to(at::kFloat), 0, 1, 0).clamp(0, 1).contiguous();
	}
	return at::zeros({1, 1, source.size(2) / 4, source.size(3) / 4}, source.options().dtype(at::kFloat));
}

MatteTensors from_foreign(const c10::IValue &value, const at::Tensor &source)
{
	const c10::ArrayRef<c10::IValue> outputs =
		value.isTuple() ? value.toTupleRef().elements().asArrayRef() : c10::ArrayRef<c10::IValue>();
	return {require_planes(outputs, 0, 1, source), require_planes(outputs, 1, 3, source),
		optional_plane(outputs, 4, source), optional_plane(outputs, 5, source)};
}

} // namespace

LibtorchChoice libtorch_device(const std::string &device)
{
	const CudaChoice choice = choose_cuda_device(device);
	if (choice.index < 0)
		return {at::kCPU, choice.reason};
	try {
		load_libtorch_cuda();
	} catch (const Error &error) {
		if (device == "auto")
			return {at::kCPU, error.what()};
		throw;
	}
	return {at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(choice.index)), {}};
}

ScriptedModel::ScriptedModel(const torch::jit::Module &network, const std::string &device, bool half, bool is_foreign)
	: device_(libtorch_device(device).device), type_(half ? at::kHalf : at::kFloat), is_foreign_(is_foreign),
	  network_(network)
{
	turn_off_profiling_executor();
	const torch::InferenceMode inference;
	network_.to(device_, type_);
	if (!is_foreign)
		network_ = freeze_but_attributes(network_);
}

ScriptedModel::ScriptedModel(const ModelFile &file, const std::string &device, bool half)
	: ScriptedModel(make_for_inference(file), device, half, /*is_foreign=*/false)
{
}

ScriptedModel ScriptedModel::of_code(const InputFile &file, const std::string &device, bool half)
{
	return {load_code(file), device, half, /*is_foreign=*/true};
}

at::Tensor ScriptedModel::upload(const at::Tensor &planes) const
{
	return planes.to(device_, type_);
}

MatteTensors ScriptedModel::run(const at::Tensor &source, const at::Tensor &background, const Options &options)
{
	Options wanted = options; // the published code's `topk` throws beyond the picture's area
	wanted.refine_sample_pixels = std::min(options.refine_sample_pixels, source.size(2) * source.size(3));
	if (wanted != current_) {
		for_each_option([&](const auto &row) {
			if (row.attribute && network_.hasattr(row.name))
				network_.setattr(row.name, attribute_value(row, wanted));
		});
		current_ = wanted;
	}
	const c10::IValue outputs = network_.forward({source, background});
	if (device_.is_cuda())
		c10::impl::VirtualGuardImpl(device_.type()).synchronizeDevice(device_.index());
	if (is_foreign_)
		return from_foreign(outputs, source);
	const auto planes = outputs.toTupleRef().elements().vec();
	return {planes.at(0).toTensor(), planes.at(1).toTensor(), planes.at(4).toTensor(), planes.at(5).toTensor()};
}

void ScriptedExecutor::set_background(const Picture &background)
{
	source_ = empty_planes(background.width, background.height);
	at::Tensor planes = at::empty_like(source_);
	unpack(background, planes);
	background_ = model_->upload(planes);
}

MatteTensors ScriptedExecutor::matte_exactly(const Picture &source, const Options &options)
{
	unpack(source, source_);
	return on_cpu(model_->run(model_->upload(source_), background_, options));
}

void ScriptedExecutor::matte(const Picture &source, const Options &options, View view, const Picture &result)
{
	using Clock = std::chrono::steady_clock;
	const auto milliseconds = [](Clock::duration time) {
		return std::chrono::duration<double, std::milli>(time).count();
	};
	const auto begin = Clock::now();
	unpack(source, source_);
	const at::Tensor uploaded = model_->upload(source_);
	const auto unpacked = Clock::now();
	const MatteTensors matte = model_->run(uploaded, background_, options);
	const auto run = Clock::now();
	pack(on_cpu(matte), view, source, result);
	times_ = {{.name = "unpack", .milliseconds = milliseconds(unpacked - begin)},
		  {.name = "network", .milliseconds = milliseconds(run - unpacked)},
		  {.name = "compose", .milliseconds = milliseconds(Clock::now() - run)}};
}

namespace {

class ReadyScriptedModel : public ReadyModel {
public:
	explicit ReadyScriptedModel(const ScriptedModel &model) : model_(std::make_shared<ScriptedModel>(model)) {}
	std::unique_ptr<Executor> make_executor() override { return std::make_unique<ScriptedExecutor>(model_); }

private:
	const std::shared_ptr<ScriptedModel> model_;
};

} // namespace

std::unique_ptr<ReadyModel> make_scripted_model(const ModelFile &file, const Target &target)
{
	return std::make_unique<ReadyScriptedModel>(ScriptedModel(file, target.device, target.precision == "fp16"));
}

std::unique_ptr<ReadyModel> make_code_model(const InputFile &file, const Target &target)
{
	return std::make_unique<ReadyScriptedModel>(
		ScriptedModel::of_code(file, target.device, target.precision == "fp16"));
}

} // namespace matting
