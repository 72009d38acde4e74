// SPDX-License-Identifier: GPL-2.0-or-later
#include "scripted_executor.hpp"

#include <mutex>

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

} // namespace

ScriptedExecutor::ScriptedExecutor(const ModelFile &file)
{
	turn_off_profiling_executor();
	const torch::InferenceMode inference;
	network_ = freeze_but_attributes(make_network(file));
}

MatteTensors ScriptedExecutor::run(const at::Tensor &source, const at::Tensor &background, const Options &options)
{
	if (options != current_) {
		for_each_option([&](const auto &row) {
			if (row.attribute)
				network_.setattr(row.name, attribute_value(row, options));
		});
		current_ = options;
	}
	const auto outputs = network_.forward({source, background}).toTuple();
	const auto output = [&](size_t index) {
		return outputs->elements()[index].toTensor();
	};
	return {output(0), output(1), output(4), output(5)};
}

} // namespace matting
