// SPDX-License-Identifier: GPL-2.0-or-later
// The models at hand: the bundled one, the published ones, the user's own.
#include "commands.hpp"
#include "description.hpp"
#include "help.hpp"
#include "interruption.hpp"
#include "progress.hpp"

#include "inference/atomic_file.hpp"
#include "inference/error.hpp"
#include "inference/model/download.hpp"
#include "inference/model/known_models.hpp"
#include "inference/model/model_file.hpp"
#include "inference/wire/home_folder.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace matting {
namespace {

std::filesystem::path make_user_models_folder()
{
	const auto folder = user_models_folder();
	if (folder.empty())
		throw Error("there is no home folder to keep models in: set HOME or XDG_DATA_HOME");
	make_folder(folder);
	return folder;
}

bool is_there(const std::filesystem::path &path, const PublishedModel &model)
{
	std::error_code ignored;
	return std::filesystem::is_regular_file(path, ignored) && sha256_of(path) == model.sha256;
}

void say_where(const std::filesystem::path &path)
{
	fmt::print("{}\nChoose it in the filter under Model, or name it with --model.\n", path.string());
}

// ---- list

// As `import` does: others lie about in the folder, too.
bool is_model(const std::filesystem::path &path)
{
	try {
		open_model_file(path);
		return true;
	} catch (const std::exception &) {
		return false;
	}
}

Json entry(const char *kind, const std::string &name, const std::filesystem::path &path)
{
	return {{"kind", kind}, {"name", name}, {"path", path.empty() ? Json() : Json(path.string())}};
}

Json models_at_hand()
{
	std::error_code ignored;
	Json models = Json::array({entry("bundled", "bundled", bundled_model())});
	const auto folder = user_models_folder();
	std::set<std::filesystem::path> known;
	for (const PublishedModel &model : published_models) {
		const auto path = folder / model.file;
		known.insert(path);
		const bool is_here = !folder.empty() && is_there(path, model);
		models.push_back(entry("published", model.name, is_here ? path : std::filesystem::path()));
	}
	std::set<std::filesystem::path> imported;
	for (const auto &file : std::filesystem::directory_iterator(folder, ignored))
		if (file.is_regular_file(ignored) && !known.contains(file.path()) && is_model(file.path()))
			imported.insert(file.path());
	for (const auto &path : imported)
		models.push_back(entry("imported", path.filename().string(), path));
	return models;
}

void list_models(bool as_json)
{
	const Json models = models_at_hand();
	if (as_json)
		return print_description({{"models", models}}, as_json);
	for (const Json &model : models) {
		const std::string name = model["name"];
		fmt::print("{:<12} {}\n", model["kind"] == "imported" ? "imported" : name,
			   model["path"].is_null()
				   ? fmt::format("published; to have it: background-matting models fetch {}", name)
				   : model["path"].get<std::string>());
	}
}

// ---- fetch

// In megabytes, on a terminal; until Ctrl-C.
DownloadProgress download_progress()
{
	return [progress = std::make_shared<std::optional<Progress>>(), shown = int64_t{0}](int64_t arrived,
											    int64_t total) mutable {
		constexpr int64_t megabyte = 1'000'000;
		if (total > 0 && !*progress)
			progress->emplace(total / megabyte, "MB");
		if (*progress && arrived / megabyte > shown)
			(*progress)->advance(arrived / megabyte - std::exchange(shown, arrived / megabyte));
		return !is_interrupted();
	};
}

void fetch_model(const std::string &name, const std::string &from)
{
	const PublishedModel &model = *find_published_model(&PublishedModel::name, name);
	const auto path = make_user_models_folder() / model.file;
	if (is_there(path, model))
		return say_where(path);
	notice_interruption();
	AtomicFile file(path);
	const std::string url = from + "/" + model.file;
	download(url, file.temporary(), download_progress());
	if (const std::string sha256 = sha256_of(file.temporary()); sha256 != model.sha256)
		throw Error(fmt::format(
			"{} is not the file that was published: its SHA-256 is {} and not {}; nothing was kept", url,
			sha256, model.sha256));
	file.commit();
	say_where(path);
}

// ---- import

void import_model(const InputFile &source)
{
	const ModelFile model = open_model_file(source);
	const auto *published = find_published_model(&PublishedModel::file, source.path().filename().string());
	if (published && model.sha256 != published->sha256)
		throw Error(fmt::format("{} has the name of a published model and is another one: rename it",
					source.path().string()));
	const std::string name = source.path().filename().string();
	if (name == "bundled" || find_published_model(&PublishedModel::name, name) || one_line(name) != name)
		throw Error(
			fmt::format("{} has a name that says nothing as a --model: rename it", source.path().string()));
	const auto path = make_user_models_folder() / name;
	std::error_code ignored;
	if (std::filesystem::exists(path, ignored)) {
		if (sha256_of(path) != model.sha256)
			throw Error(fmt::format("there is another model of this name, {}: rename one of the two",
						path.string()));
		return say_where(path);
	}
	notice_interruption();
	write_whole_file(path, *source.map());
	say_where(path);
}

} // namespace

void add_models_command(CLI::App &app)
{
	CLI::App *command = app.add_subcommand("models", "Lists, fetches and keeps models.");
	command->require_subcommand(1);
	CLI::App *list = command->add_subcommand("list", "Says which models there are, and where.");
	auto as_json = std::make_shared<bool>(false);
	list->add_flag(
		"--json", *as_json,
		"One object: models, each with kind (bundled, published, imported), name (for --model) and path (null: "
		"not here)");
	list->callback([as_json] { list_models(*as_json); });

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
	const auto is_no_address = [](const std::string &text) {
		const bool is_address = text.starts_with("https://") || text.starts_with("file://");
		return is_address ? std::string() : fmt::format("{} does not begin with https:// or file://", text);
	};
	fetch->add_option("--from", arguments->from, "The address of a mirror (https:// or file://)")
		->check(CLI::Validator(is_no_address, ""))
		->capture_default_str();
	fetch->callback([arguments] { fetch_model(arguments->name, arguments->from); });

	CLI::App *keep = command->add_subcommand("import", "Keeps a copy of a model file, if it can be used.");
	keep->add_option("FILE", arguments->file, "A checkpoint or a TorchScript model")->required();
	keep->callback([arguments] { import_model(arguments->file); });
}

} // namespace matting
