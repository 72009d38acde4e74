// SPDX-License-Identifier: GPL-2.0-or-later
#include "loaded_model.hpp"

#include <filesystem>

namespace matting {

std::unique_ptr<Executor> LoadedModel::make_executor(const std::string &executor, const Target &target)
{
	const std::lock_guard lock(mutex_);
	auto &model = models_[{executor, target.device, target.precision}];
	if (!model)
		model = executor == "fast" ? make_fast_model(file_, target) : make_scripted_model(file_, target);
	return model->make_executor();
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
