// SPDX-License-Identifier: GPL-2.0-or-later
// What the program finds on this computer, what it will use, and what would go wrong, before anything is matted.
#include "commands.hpp"
#include "description.hpp"
#include "doctor_machine.hpp"

#include "inference/bitmap.hpp"
#include "inference/cuda_library.hpp"
#include "inference/media/media.hpp"
#include "inference/model/known_models.hpp"
#include "inference/model/model_file.hpp"
#include "inference/training/generator_part.hpp"

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace matting {
namespace {

struct Report {
	Json found = Json::object();
	Json problems = Json::array();

	void add_problem(const std::string &problem) { problems.push_back(problem); }
	/// What `look` finds, or why it finds nothing: that is a problem, which begins with `what`.
	void add(const char *key, const std::string &what, const std::function<Json()> &look)
	{
		try {
			found[key] = look();
		} catch (const std::exception &error) {
			found[key] = nullptr;
			add_problem(fmt::format("{}: {}", what, error.what()));
		}
	}
};

std::filesystem::path program_path()
{
	return std::filesystem::read_symlink("/proc/self/exe");
}

Json describe_model(const std::string &path)
{
	const ModelFile file = open_model_file(path);
	const PublishedModel *published = find_published_model(&PublishedModel::sha256, file.sha256);
	std::error_code ignored;
	const bool is_bundled = std::filesystem::equivalent(path, bundled_model(), ignored);
	return {{"file", path},
		{"known_as", is_bundled  ? Json("bundled")
			     : published ? Json(published->name)
					 : Json(nullptr)},
		{"backbone", backbone_name(file.backbone)},
		{"precision", file.precision},
		{"sha256", file.sha256}};
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
		report.add_problem("the CPU is used and not a graphics card: " + engine.fallback());
	return {{"wanted", settings.device},
		{"used", engine.device()},
		{"precision", engine.precision()},
		{"fallback", engine.fallback().empty() ? Json(nullptr) : Json(engine.fallback())},
		{"first_matte_ms", std::lround(first.count())}};
}

Json describe_cards(Report &report)
{
	const std::string driver = driver_version();
	Json cards = Json::array();
	std::error_code ignored;
	const bool has_part = std::filesystem::exists(program_path().parent_path() / cuda_library_name, ignored);
	if (!driver.empty() && !has_part)
		report.add_problem("there is an NVIDIA driver, but the part for its cards is not installed");
	if (has_part && !driver.empty()) {
		for (const CudaDevice &card : cuda_backend().devices()) {
			cards.push_back(fmt::format("cuda:{} {}, {} MB, {}.{}", card.index, card.name,
						    card.memory_bytes >> 20, card.capability_major,
						    card.capability_minor));
			if (!card.is_supported())
				report.add_problem(card.objection());
		}
	}
	return {{"driver", driver.empty() ? Json(nullptr) : Json(driver)},
		{"part_installed", has_part},
		{"cards", cards}};
}

Json describe_obs(Report &report)
{
	Json list = Json::array();
	for (const FoundObs &obs : find_obs()) {
		list.push_back(
			fmt::format("{}{}{} ({})", obs.version, obs.version.empty() ? "" : ", ", obs.path, obs.from));
		if (obs.from != "packages")
			report.add_problem(fmt::format(
				"OBS from {} does not look where this is installed; see the README", obs.from));
		if (const int major = std::atoi(obs.version.c_str()); major > 0 && major < 29)
			report.add_problem(fmt::format("OBS {} is too old: it wants 29 or newer", obs.version));
	}
	if (list.empty())
		report.add_problem("no OBS Studio was found");
	return list;
}

void describe_parts(Report &report)
{
	report.add("ffmpeg", "`matte` can read and write nothing", [] { return Json(media_version()); });
	report.add("drawing", "`train` and `eval --procedural` do not work", [] {
		training::load_generator({});
		return Json("works");
	});
}

void run_doctor(EngineSettings settings, bool as_json)
{
	Report report;
	report.found["version"] = MATTING_VERSION;
	report.found["program"] = program_path().string();
	report.add("system", "the system", describe_system);
	report.add("processor", "the processor", describe_processor);
	report.add("graphics_cards", "the graphics cards", [&] { return describe_cards(report); });
	report.add("model", "the model", [&] {
		settings = with_model(settings);
		return describe_model(settings.model.path());
	});
	report.add("device", "nothing can be matted", [&] { return describe_matting(report, settings); });
	describe_parts(report);
	report.add("obs", "OBS", [&] { return describe_obs(report); });
	report.found["landlock"] = landlock_version();
	if (landlock_version() == 0)
		report.add_problem(
			"the kernel has no Landlock: files are not guarded from what a model could do to the engine");
	report.found["problems"] = report.problems;
	print_description(report.found, as_json);
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
	command->add_option("--model", arguments->model, "A model file; the bundled one if there is none");
	command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
	command->add_flag(
		"--json", arguments->as_json,
		"One object: version, program, system, processor, graphics_cards, model, device, ffmpeg, drawing, "
		"obs, landlock, problems");
	command->callback([arguments] {
		EngineSettings settings{.device = arguments->device};
		if (!arguments->model.empty())
			settings.model = arguments->model;
		run_doctor(settings, arguments->as_json);
	});
}

} // namespace matting
