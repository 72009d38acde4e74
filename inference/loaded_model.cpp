// SPDX-License-Identifier: GPL-2.0-or-later
#include "loaded_model.hpp"

#include "inference/error.hpp"

#include <filesystem>
#include <utility>

namespace matting {

std::unique_ptr<Executor> LoadedModel::make_executor(const std::string &executor, const Target &target)
{
	const std::lock_guard lock(mutex_);
	auto &model = models_[{executor, target.device, target.precision}];
	if (!model) {
		const ModelFile file = take_file();
		model = executor == "fast" ? make_fast_model(file, target) : make_scripted_model(file, target);
	}
	return model->make_executor();
}

// What is ready has the weights in its own way: they need not be in memory twice. Read anew for a second way.
ModelFile LoadedModel::take_file()
{
	ModelFile file = file_ ? std::move(*file_) : open_model_file(input_);
	file_.reset();
	if (file.sha256 != sha256_)
		throw Error(input_.path().string() + " is not the file any more that it was");
	return file;
}

std::shared_ptr<LoadedModel> load_model(const InputFile &file)
{
	static std::mutex mutex;
	static std::map<std::pair<std::string, std::filesystem::file_time_type>, std::weak_ptr<LoadedModel>> models;
	std::error_code ignored;
	const std::lock_guard lock(mutex);
	auto &known = models[{std::filesystem::absolute(file.path(), ignored).string(),
			      std::filesystem::last_write_time(file.path(), ignored)}];
	auto model = known.lock();
	if (!model) {
		model = std::make_shared<LoadedModel>(file);
		known = model;
	}
	return model;
}

} // namespace matting
