// SPDX-License-Identifier: GPL-2.0-or-later
// What the program finds on this computer, what it will use, and what would go wrong, before anything is matted.
#include "commands.hpp"
#include "description.hpp"
#include "doctor_machine.hpp"
#include "doctor_report.hpp"

#include "inference/bitmap.hpp"
#include "inference/cuda_library.hpp"
#include "inference/fast/instruction_set.hpp"
#include "inference/media/media.hpp"
#include "inference/model/download.hpp"
#include "inference/model/known_models.hpp"
#include "inference/model/model_file.hpp"
#include "inference/platform.hpp"
#include "inference/program_part.hpp"
#include "inference/service/sandbox.hpp"
#include "inference/threads.hpp"
#include "inference/training/generator_part.hpp"
#include "inference/wire/home_folder.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace matting {
namespace {

// This may be shown for help.
Json without_homes(Json value)
{
	if (value.is_structured())
		for (Json &part : value)
			part = without_homes(std::move(part));
	return value.is_string() ? Json(without_home(value.get<std::string>())) : value;
}

bool is_bundled(const std::filesystem::path &path)
try {
	std::error_code ignored;
	return std::filesystem::equivalent(path, bundled_model(), ignored);
} catch (const Error &) {
	return false; // none is
}

Json describe_model(const InputFile &input, bool comes_along)
{
	const ModelFile file = open_model_file(input);
	const PublishedModel *published = find_published_model(&PublishedModel::sha256, file.sha256);
	return {{"file", input.path().string()},
		{"known_as", comes_along ? Json("bundled")
			     : published ? Json(published->name)
					 : Json(nullptr)},
		{"backbone", backbone_name(file.backbone)},
		{"precision", file.precision},
		{"sha256", file.sha256}};
}

Json describe_processor()
{
	Json sets = Json::array();
	for (const InstructionSet set : instruction_sets())
		sets.push_back(instruction_set_names[static_cast<size_t>(set)]);
	return {{"name", processor_name()},
		{"threads", useful_threads()},
		{"instruction_sets", sets},
		{"instruction_set", instruction_set_names[static_cast<size_t>(chosen_instruction_set())]}};
}

std::string why_it_is_used(const EngineSettings &settings, const Engine &engine)
{
	if (settings.device != "auto")
		return "it was chosen";
	if (is_cuda(engine.device()))
		return "the first card that CUDA can use";
	return engine.fallback().empty() ? "there is no driver for NVIDIA graphics cards" : engine.fallback();
}

// By doing it: on a card, the engine compares what that computes with the CPU.
Json describe_matting(Report &report, const EngineSettings &settings)
{
	const auto begin = std::chrono::steady_clock::now();
	Engine engine(settings);
	Bitmap frame(640, 360);
	engine.set_background(frame.picture());
	engine.matte(frame.picture(), frame.picture());
	const std::chrono::duration<double, std::milli> first = std::chrono::steady_clock::now() - begin;
	if (!engine.fallback().empty())
		report.add_problem("the CPU is used and not a graphics card", engine.fallback());
	return {{"wanted", settings.device},
		{"used", engine.device()},
		{"why", why_it_is_used(settings, engine)},
		{"precision", engine.precision()},
		{"fallback", engine.fallback().empty() ? Json(nullptr) : Json(engine.fallback())},
		{"first_matte_ms", std::lround(first.count())}};
}

Json describe_cards(Report &report)
{
	const std::string driver = driver_version();
	Json cards = Json::array();
	std::error_code ignored;
	const bool has_part = std::filesystem::exists(program_folder() / cuda_library_name, ignored);
	try {
		if (!driver.empty())
			for (const CudaDevice &card : cuda_backend().devices()) {
				cards.push_back(fmt::format("cuda:{} {}, {} MB, {}.{}", card.index, card.name,
							    card.memory_bytes >> 20, card.capability_major,
							    card.capability_minor));
				if (!card.is_supported())
					report.add_problem("", in_english(card.objection()));
			}
	} catch (const Error &error) {
		report.add_problem("the graphics cards", error.what());
	}
	return {{"driver", driver.empty() ? Json(nullptr) : Json(driver)},
		{"part_installed", has_part},
		{"cards", cards}};
}

// The first file of the plugin that is not where it belongs, or empty: all are there.
std::string missing_of_filter()
{
	std::error_code ignored;
	const auto folder = program_folder(), data = folder.parent_path().parent_path() / "data";
	for (const auto &file :
	     {folder / module_file, data / "effects" / "alpha.effect", data / "locale" / "en-US.ini"})
		if (!std::filesystem::exists(file, ignored))
			return file.string();
	return {};
}

Json describe_obs(Report &report)
{
	Json list = Json::array();
	bool looks_here = false;
	const std::vector<FoundObs> found = find_obs();
	for (const FoundObs &obs : found) {
		list.push_back(
			fmt::format("{}{}{} ({})", obs.version, obs.version.empty() ? "" : ", ", obs.path, obs.from));
		looks_here = looks_here || obs.looks_here;
		if (const int major = std::atoi(obs.version.c_str()); major > 0 && major < 29)
			report.add_problem(fmt::format("OBS {} is too old", obs.version), "install OBS 29 or newer");
	}
	const std::string missing = missing_of_filter();
	if (found.empty())
		report.add_problem("no OBS Studio was found", "install it for the filter; `matte` needs none");
	else if (!missing.empty())
		report.add_problem("the filter is not in OBS",
				   fmt::format("there is no {}: unpack or install the plugin again", missing));
	else if (!looks_here)
		report.add_problem(fmt::format("OBS from {} does not look where this is installed", found.front().from),
				   "the README says, under Install, where it does");
	return list;
}

void try_parts(Report &report)
{
	report.add("ffmpeg", "`matte` knows no videos, and of pictures single ones only",
		   [] { return Json(media_version()); });
	report.add("drawing", "`train` and `eval --procedural` do not work", [] {
		training::load_generator({});
		return Json("works");
	});
	report.add("libcurl", "`models fetch` downloads nothing", [] { return Json(downloader_version()); });
}

void describe_landlock(Report &report)
{
	report.found["landlock"] = landlock_version();
	if (landlock_version() == 0)
		report.add_problem(
			"the kernel has no Landlock",
			"files are not guarded from what a model could do to the engine; Linux 5.13 or newer guards "
			"them, unless it was told not to");
}

/// A graphics card that has started.
struct Card {
	bool is_used = false;
	std::exception_ptr problem; ///< or null
};

Card start_card(const std::string &device)
try {
	const int index = choose_cuda_device(device).index;
	if (index >= 0)
		start_cuda_device(index);
	return {.is_used = index >= 0};
} catch (const Error &) {
	return {.problem = std::current_exception()};
}

// As the engine does with what it is given: Note [As little as it needs].
void try_model(Report &report, const std::string &model, const std::string &device)
{
	EngineSettings settings{.device = device};
	const Card card = start_card(settings.device);
	report.add("model", "nothing can be matted", [&] {
		settings.model = model.empty() ? bundled_model() : find_model(model).string();
		const bool comes_along = is_bundled(settings.model.path());
		enter_sandbox({}, card.is_used);
		forbid_reading({}, card.is_used);
		return describe_model(settings.model, comes_along);
	});
	report.add("device", "nothing can be matted", [&] {
		if (card.problem && settings.device != "auto")
			std::rethrow_exception(card.problem);
		return report.found["model"].is_null() ? Json(nullptr) : describe_matting(report, settings);
	});
}

void run_doctor(const std::string &model, const std::string &device, bool as_json)
{
	Report report;
	report.found["version"] = MATTING_VERSION;
	report.add("program", "nothing can be matted",
		   [] { return Json((program_folder() / program_path().filename()).string()); });
	report.add("system", "the system", describe_system);
	report.add("processor", "the processor", describe_processor);
	using std::chrono::seconds; // together less than the filter waits for this
	report.add_apart({"graphics_cards"}, "the graphics cards", seconds(6), [](Report &own) {
		own.add("graphics_cards", "the graphics cards",
			[&] { return describe_cards(own); }); // keeps what it has noted
	});
	report.add_apart({"ffmpeg", "drawing", "libcurl"}, "the parts of the program", seconds(4), try_parts);
	report.add("obs", "OBS", [&] { return describe_obs(report); });
	describe_landlock(report);
	report.add_apart({"model", "device"}, "nothing can be matted", seconds(18),
			 [&](Report &own) { try_model(own, model, device); });
	Json &problems = report.found["problems"] = Json::array();
	for (const Problem &problem : report.problems)
		problems.push_back(problem.text());
	print_description(without_homes(report.found), as_json);
	const bool can_matte = !report.found["model"].is_null() && !report.found["device"].is_null();
	if (!can_matte)
		fmt::print(stderr,
			   "background-matting: nothing can be matted here: the problems that are listed say why\n");
	if (std::fflush(stdout) == 0) // or `main` says so
		std::_Exit(can_matte ? EXIT_SUCCESS : EXIT_FAILURE);
}

} // namespace

void add_doctor_command(CLI::App &app)
{
	struct Arguments {
		std::string model, device = "auto";
		bool as_json = false;
	};
	auto arguments = std::make_shared<Arguments>();
	CLI::App *command = app.add_subcommand(
		"doctor", "Says what it finds on this computer, what it would use, and what would go wrong.");
	command->add_option("--model", arguments->model,
			    "A model file, or a name that `models list` shows; without it, the bundled one");
	add_device_flag(*command, arguments->device);
	command->add_flag(
		"--json", arguments->as_json,
		"One object: version, program, system, processor, graphics_cards, ffmpeg, drawing, libcurl, obs, "
		"landlock, model, device, problems");
	command->callback([arguments] { run_doctor(arguments->model, arguments->device, arguments->as_json); });
}

} // namespace matting
