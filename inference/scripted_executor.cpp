// SPDX-License-Identifier: GPL-2.0-or-later
#include "scripted_executor.hpp"

#include "cuda_library.hpp"
#include "pixels.hpp"

#include <chrono>
#include <mutex>

#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>
#include <fmt/format.h>
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
	if (!dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL))
		throw Error(
			fmt::format("the scripted executor and training on CUDA need LibTorch's CUDA libraries ({}): "
				    "set up with ci/setup.sh --cuda, or use the fast executor, or the device cpu",
				    dlerror()));
}

MatteTensors on_cpu(const MatteTensors &matte)
{
	const auto copied = [](const at::Tensor &planes) {
		return planes.to(at::kCPU, at::kFloat);
	};
	return {copied(matte.alpha), copied(matte.foreground), copied(matte.coarse_error), copied(matte.refined)};
}

} // namespace

at::Device libtorch_device(const std::string &device)
{
	const int index = choose_cuda_device(device).index;
	if (index < 0)
		return at::kCPU;
	try {
		load_libtorch_cuda();
	} catch (const Error &) {
		if (device == "auto")
			return at::kCPU;
		throw;
	}
	return {at::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

ScriptedModel::ScriptedModel(const ModelFile &file, const std::string &device, bool half)
	: device_(libtorch_device(device)), type_(half ? at::kHalf : at::kFloat)
{
	turn_off_profiling_executor();
	const torch::InferenceMode inference;
	torch::jit::Module network = make_network(file);
	network.to(device_, type_);
	network_ = freeze_but_attributes(network);
}

at::Tensor ScriptedModel::upload(const at::Tensor &planes) const
{
	return planes.to(device_, type_);
}

MatteTensors ScriptedModel::run(const at::Tensor &source, const at::Tensor &background, const Options &options)
{
	if (options != current_) {
		for_each_option([&](const auto &row) {
			if (row.attribute)
				network_.setattr(row.name, attribute_value(row, options));
		});
		current_ = options;
	}
	const auto outputs = network_.forward({source, background}).toTuple()->elements().vec();
	if (device_.is_cuda())
		c10::impl::VirtualGuardImpl(device_.type()).synchronizeDevice(device_.index());
	return {outputs.at(0).toTensor(), outputs.at(1).toTensor(), outputs.at(4).toTensor(), outputs.at(5).toTensor()};
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
	ReadyScriptedModel(const ModelFile &file, const Target &target)
		: model_(std::make_shared<ScriptedModel>(file, target.device, target.precision == "fp16"))
	{
	}
	std::unique_ptr<Executor> make_executor() override { return std::make_unique<ScriptedExecutor>(model_); }

private:
	const std::shared_ptr<ScriptedModel> model_;
};

} // namespace

std::unique_ptr<ReadyModel> make_scripted_model(const ModelFile &file, const Target &target)
{
	return std::make_unique<ReadyScriptedModel>(file, target);
}

} // namespace matting
