// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the TorchScript module as it is: the reference.
#pragma once

#include "executor.hpp"

#include "inference/model/model_file.hpp"

namespace matting {

struct LibtorchChoice {
	at::Device device = at::kCPU;
	std::string reason; ///< as CudaChoice's
};

/// LibTorch's device for auto, cpu, cuda or cuda:N. For CUDA it loads LibTorch's CUDA half first. Throws Error: there is no
/// such device, or that half is not installed; then auto is the CPU.
LibtorchChoice libtorch_device(const std::string &device);

/// The module with a file's weights, frozen. Thread-safety: none. Calls with different options may alternate: they are
/// set before each run.
class ScriptedModel {
public:
	/// `device`: cpu or cuda:N. `half`: in fp16. Throws Error.
	explicit ScriptedModel(const ModelFile &file, const std::string &device = "cpu", bool half = false);
	/// The network that the code in the file makes, as it is. What it does not have of the attributes and of the outputs
	/// behind the first two is done without. Throws Error: it holds no code.
	static ScriptedModel of_code(const InputFile &file, const std::string &device, bool half);

	/// On the model's device, in its precision.
	at::Tensor upload(const at::Tensor &planes) const;
	/// `source`, `background`: uploaded, (1, 3, H, W), RGB in 0..1, H and W divisible by 4. The results are there.
	MatteTensors run(const at::Tensor &source, const at::Tensor &background, const Options &options);

private:
	ScriptedModel(const torch::jit::Module &network, const std::string &device, bool half, bool is_foreign);

	const at::Device device_;
	const at::ScalarType type_;
	const bool is_foreign_;
	torch::jit::Module network_;
	Options current_;
};

class ScriptedExecutor : public Executor {
public:
	explicit ScriptedExecutor(std::shared_ptr<ScriptedModel> model) : model_(std::move(model)) {}

	void set_background(const Picture &background) override;
	void matte(const Picture &source, const Options &options, View view, const Picture &result) override;
	MatteTensors matte_exactly(const Picture &source, const Options &options) override;
	std::vector<StageTime> stage_times() const override { return times_; }

private:
	const std::shared_ptr<ScriptedModel> model_;
	at::Tensor source_;     // planes
	at::Tensor background_; // uploaded
	std::vector<StageTime> times_;
};

} // namespace matting
