// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "executor.hpp"

#include "inference/model/model_file.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>

namespace matting {

/// A file's weights, made ready for an executor and its target when the first engine asks for them. Thread-safety: safe.
class LoadedModel {
public:
	explicit LoadedModel(const InputFile &input)
		: input_(input), file_(open_model_file(input)), backbone_(file_->backbone), sha256_(file_->sha256)
	{
	}
	Backbone backbone() const { return backbone_; }

	std::unique_ptr<Executor> make_executor(const std::string &executor, const Target &target);

private:
	ModelFile take_file();

	std::mutex mutex_;
	const InputFile input_;
	std::optional<ModelFile> file_;
	const Backbone backbone_;
	const std::string sha256_;
	std::map<std::tuple<std::string, std::string, std::string>, std::unique_ptr<ReadyModel>> models_;
};

/// Engines with the same file share its weights, as long as the file does not change. Throws Error.
std::shared_ptr<LoadedModel> load_model(const InputFile &file);

} // namespace matting
