// SPDX-License-Identifier: GPL-2.0-or-later
#include "loaded_model.hpp"

#include "inference/error.hpp"
#include "inference/platform.hpp"

#include <utility>

namespace matting {

LoadedModel::LoadedModel(const InputFile &input, bool runs_code)
	: input_(input), runs_code_(runs_code), backbone_("TorchScript")
{
	if (runs_code)
		return;
	file_ = open_model_file(input);
	backbone_ = backbone_name(file_->backbone);
	sha256_ = file_->sha256;
	attributes_ = file_->checkpoint.attributes;
}

std::unique_ptr<Executor> LoadedModel::make_executor(const std::string &executor, const Target &target)
{
	const std::lock_guard lock(mutex_);
	auto &model = models_[{executor, target.device, target.precision}];
	if (!model) {
		model = make_ready(executor, target);
		give_back_freed_memory(); // many weights were there in several ways
	}
	return model->make_executor();
}

std::unique_ptr<ReadyModel> LoadedModel::make_ready(const std::string &executor, const Target &target)
{
	if (runs_code_)
		return make_code_model(input_, target);
	const ModelFile file = take_file();
	return executor == "fast" ? make_fast_model(file, target) : make_scripted_model(file, target);
}

// What is ready has the weights in its own way: they need not be in memory twice. Read anew for a second way.
ModelFile LoadedModel::take_file()
{
	ModelFile file = file_ ? std::move(*file_) : open_model_file(input_);
	file_.reset();
	if (file.sha256 != sha256_)
		throw ModelError("engine.file_changed", "{} is not the file any more that it was",
				 input_.path().string());
	return file;
}

std::shared_ptr<LoadedModel> load_model(const InputFile &file, bool runs_code)
{
	static std::mutex mutex;
	static std::map<std::pair<std::string, bool>, std::weak_ptr<LoadedModel>> models;
	const std::lock_guard lock(mutex);
	auto &known = models[{file.identity(), runs_code}];
	auto model = known.lock();
	if (!model) {
		model = std::make_shared<LoadedModel>(file, runs_code);
		known = model;
	}
	return model;
}

} // namespace matting
