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
	/// `runs_code`: as `EngineSettings` has it.
	LoadedModel(const InputFile &input, bool runs_code);
	/// As `Engine` names it.
	const std::string &backbone() const { return backbone_; }
	/// As `Engine` names them.
	const Options &attributes() const { return attributes_; }

	std::unique_ptr<Executor> make_executor(const std::string &executor, const Target &target);

private:
	std::unique_ptr<ReadyModel> make_ready(const std::string &executor, const Target &target);
	ModelFile take_file();

	std::mutex mutex_;
	const InputFile input_;
	const bool runs_code_;
	std::optional<ModelFile> file_;
	std::string backbone_, sha256_;
	Options attributes_;
	std::map<std::tuple<std::string, std::string, std::string>, std::unique_ptr<ReadyModel>> models_;
};

/// Engines with the same file share its weights, as long as the file does not change. Throws Error.
std::shared_ptr<LoadedModel> load_model(const InputFile &file, bool runs_code);

} // namespace matting
