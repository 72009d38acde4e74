// SPDX-License-Identifier: GPL-2.0-or-later
// The models at hand: the bundled one, the published ones, the user's own.
#include "commands.hpp"
#include "download.hpp"
#include "interruption.hpp"

#include "inference/atomic_file.hpp"
#include "inference/model_file.hpp"
#include "inference/matting.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace matting {
namespace {

/// What the authors of the network have published (MIT licence).
struct PublishedModel {
	const char *name, *file, *sha256;
};
constexpr std::array published_models{
	PublishedModel{"mobilenetv2", "torchscript_mobilenetv2_fp32.pth",
		       "6d449e8a0445438491cf07c03a6e86f21df2b3aa2dc630d9430347fcb807aae4"},
	PublishedModel{"resnet50", "torchscript_resnet50_fp32.pth",
		       "c22fe27f627c04122cd44a3476315eb2fcb06a8d8ff2803ac610c1dd6d4de2a7"},
};
const PublishedModel *find_published(const char *PublishedModel::*field, const std::string &value)
{
	const auto *found = std::find_if(published_models.begin(), published_models.end(),
					 [&](const PublishedModel &model) { return model.*field == value; });
	return found == published_models.end() ? nullptr : found;
}

constexpr const char *published_at = "https://github.com/PeterL1n/BackgroundMattingV2/releases/download/v1.0.0";

std::filesystem::path user_models_folder()
{
	const char *data = std::getenv("XDG_DATA_HOME"), *home = std::getenv("HOME");
	if (data && *data == '/')
		return std::filesystem::path(data) / "background-matting" / "models";
	if (!home || !*home)
		throw Error("there is no home folder to keep models in: set HOME or XDG_DATA_HOME");
	return std::filesystem::path(home) / ".local" / "share" / "background-matting" / "models";
}

std::filesystem::path make_user_models_folder()
{
	const auto folder = user_models_folder();
	std::error_code failure;
	std::filesystem::create_directories(folder, failure);
	if (failure)
		throw Error(fmt::format("cannot make the folder {}: {}", folder.string(), failure.message()));
	return folder;
}

void say_where(const std::filesystem::path &path)
{
	fmt::print("{}\nChoose it in the filter under Model, or name it with --model.\n", path.string());
}

// ---- list

void print_row(const std::string &name, const std::string &what)
{
	fmt::print("{:<12} {}\n", name, what);
}

void list_models()
{
	std::error_code ignored;
	const auto folder = user_models_folder();
	print_row("bundled", bundled_model());
	std::set<std::filesystem::path> known;
	for (const PublishedModel &model : published_models) {
		const auto path = folder / model.file;
		known.insert(path);
		print_row(model.name, sha256_of(path) == model.sha256
					      ? path.string()
					      : fmt::format("published; to have it: background-matting models fetch {}",
							    model.name));
	}
	std::set<std::filesystem::path> imported;
	for (const auto &entry : std::filesystem::directory_iterator(folder, ignored))
		if (entry.is_regular_file(ignored) && !known.contains(entry.path()))
			imported.insert(entry.path());
	for (const auto &path : imported)
		print_row("imported", path.string());
}

// ---- fetch

void fetch_model(const std::string &name, const std::string &from)
{
	const PublishedModel &model = *find_published(&PublishedModel::name, name);
	const auto path = make_user_models_folder() / model.file;
	if (sha256_of(path) == model.sha256)
		return say_where(path);
	notice_interruption();
	AtomicFile file(path);
	const std::string url = from + "/" + model.file;
	download(url, file.temporary());
	if (const std::string sha256 = sha256_of(file.temporary()); sha256 != model.sha256)
		throw Error(fmt::format(
			"{} is not the file that was published: its SHA-256 is {} and not {}; nothing was kept", url,
			sha256, model.sha256));
	file.commit();
	say_where(path);
}

// ---- import

void import_model(const std::filesystem::path &source)
{
	const ModelFile model = open_model_file(source);
	const auto *published = find_published(&PublishedModel::file, source.filename().string());
	if (published && model.sha256 != published->sha256)
		throw Error(fmt::format("{} has the name of a published model and is another one: rename it",
					source.string()));
	const auto path = make_user_models_folder() / source.filename();
	if (std::filesystem::exists(path)) {
		if (sha256_of(path) != model.sha256)
			throw Error(fmt::format("there is another model of this name, {}: rename one of the two",
						path.string()));
		return say_where(path);
	}
	notice_interruption();
	AtomicFile file(path);
	std::error_code failure;
	std::filesystem::copy_file(source, file.temporary(), std::filesystem::copy_options::overwrite_existing,
				   failure);
	if (failure)
		throw Error(fmt::format("cannot write {}: {}", path.string(), failure.message()));
	file.commit();
	say_where(path);
}

} // namespace

void add_models_command(CLI::App &app)
{
	CLI::App *command = app.add_subcommand("models", "Lists, fetches and keeps models.");
	command->require_subcommand(1);
	CLI::App *list = command->add_subcommand("list", "Says which models there are, and where.");
	list->callback(list_models);

	struct Arguments {
		std::string name, from = published_at, file;
	};
	auto arguments = std::make_shared<Arguments>();
	CLI::App *fetch = command->add_subcommand(
		"fetch", "Downloads a model that the authors of the network have published, and checks it.");
	std::set<std::string> names;
	for (const PublishedModel &model : published_models)
		names.insert(model.name);
	fetch->add_option("NAME", arguments->name, "Which one")->required()->check(CLI::IsMember(names));
	fetch->add_option("--from", arguments->from, "The address of a mirror (https:// or file://)")
		->capture_default_str();
	fetch->callback([arguments] { fetch_model(arguments->name, arguments->from); });

	CLI::App *import = command->add_subcommand("import", "Keeps a copy of a model file, if it can be used.");
	import->add_option("FILE", arguments->file, "A checkpoint or a TorchScript model")->required();
	import->callback([arguments] { import_model(arguments->file);
});
} // namespace matting

} // namespace matting
