// SPDX-License-Identifier: GPL-2.0-or-later
#include "fast_executor.hpp"
#include "self_check.hpp"

#include "inference/cuda_library.hpp"
#include "inference/model/model_file.hpp"

#include <utility>

namespace matting {
namespace {

class ReadyFastModel : public ReadyModel {
public:
	ReadyFastModel(const ModelFile &file, Target target)
		: target_(std::move(target)), model_(prepare(file)),
		  first_(std::make_unique<FastExecutor>(model_, make_device()))
	{
		if (target_.cuda_index >= 0)
			require_same_matte(*first_, *std::make_unique<FastExecutor>(prepare(file), make_cpu_device()),
					   target_.device);
	}

	std::unique_ptr<Executor> make_executor() override
	{
		if (first_)
			return std::move(first_);
		return std::make_unique<FastExecutor>(model_, make_device());
	}

private:
	static std::shared_ptr<const FastModel> prepare(const ModelFile &file)
	{
		return std::make_shared<const FastModel>(file.backbone, file.checkpoint.weights);
	}
	std::unique_ptr<FastDevice> make_device() const
	{
		return target_.cuda_index < 0
			       ? make_cpu_device()
			       : cuda_backend().make_device(target_.cuda_index, target_.precision == "fp16");
	}

	const Target target_;
	const std::shared_ptr<const FastModel> model_;
	std::unique_ptr<Executor> first_; // the one that was checked, until somebody wants it
};

} // namespace

std::unique_ptr<ReadyModel> make_fast_model(const ModelFile &file, const Target &target)
{
	return std::make_unique<ReadyFastModel>(file, target);
}

} // namespace matting
