// SPDX-License-Identifier: GPL-2.0-or-later
#include "adaptation.hpp"
#include "commands.hpp"
#include "evaluation.hpp"
#include "interruption.hpp"
#include "model_card.hpp"
#include "training_session.hpp"

#include "inference/model_file.hpp"
#include "inference/scripted_executor.hpp"
#include "inference/training/recipe.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <malloc.h>

namespace matting {
namespace {

using namespace training;

struct TrainArguments {
	std::string out, init, background;
	std::string only; // "coarse" or "refiner"; empty: both
	std::string device = "auto";
	at::Device place = at::kCPU; // what that stands for
	double minutes = 0;
	int64_t steps = 0;
	uint64_t seed = 0;
	bool resume = false;
	int threads = 0;

	bool adapts() const { return !background.empty(); }
};

constexpr double whole_minutes = 120, adaptation_minutes = 5; // unless the user says otherwise
constexpr int validation_frames = 4;

at::Device training_device(const std::string &device)
{
	if (device != "auto")
		return libtorch_device(device);
	try {
		return libtorch_device("cuda");
	} catch (const Error &) {
		return at::kCPU; // no driver, no card, or not LibTorch's half for it
	}
}

void prepare_threads(int threads)
{
	set_threads(threads);
	at::globalContext().setFlushDenormal(true);
	mallopt(M_ARENA_MAX, 1); // learners would each keep the memory that they have freed
}

// ---- What it begins with

std::string initial_file(const TrainArguments &arguments)
{
	if (arguments.init == "bundled" || (arguments.init.empty() && arguments.adapts()))
		return bundled_model();
	return arguments.init;
}

struct Beginning {
	torch::jit::Module network;
	std::string origin;
};

Beginning begin_anew(const TrainArguments &arguments)
{
	const std::string file = initial_file(arguments);
	if (file.empty()) {
		torch::jit::Module network = make_network(Backbone::mobilenetv2);
		initialise(network, arguments.seed);
		return {network, fmt::format("random weights (seed {})", arguments.seed)};
	}
	const ModelFile model = open_model_file(file);
	torch::jit::Module network = make_network(model);
	if (!arguments.adapts() && arguments.only != "coarse" && refiner_is_untrained(network))
		make_pass_through(network, arguments.seed);
	const auto name = std::filesystem::path(file).filename().string();
	return {network, fmt::format("{} (SHA-256 {})", name, model.sha256)};
}

TrainingPlan make_plan(const TrainArguments &arguments)
{
	TrainingPlan plan = arguments.adapts()       ? adaptation_recipe()
			    : arguments.init.empty() ? whole_recipe()
						     : tuning_recipe();
	if (!arguments.only.empty())
		keep_part(plan, arguments.only == "refiner");
	if (!arguments.place.is_cpu())
		plan.learners = 1;
	const double usual = arguments.adapts() ? adaptation_minutes : whole_minutes;
	const double minutes = arguments.minutes > 0 ? arguments.minutes : usual;
	set_length(plan, arguments.steps, arguments.steps > 0 ? 0 : 60 * minutes);
	return plan;
}

std::unique_ptr<Trainer> make_trainer(const TrainArguments &arguments, const TrainingFolder &folder,
				      const SampleSource &source)
{
	const bool exists = std::filesystem::exists(folder.checkpoint());
	if (!arguments.resume) {
		if (exists)
			throw Error(fmt::format("there is a training in {} already: go on with it by --resume, or take "
						"another folder",
						arguments.out));
		TrainingPlan plan = make_plan(arguments);
		Beginning beginning = begin_anew(arguments);
		beginning.network.to(arguments.place);
		plan.origin = std::move(beginning.origin);
		return std::make_unique<Trainer>(beginning.network, plan, source);
	}
	if (!exists)
		throw Error(fmt::format("there is no training in {} to go on with", arguments.out));
	const auto seconds = arguments.minutes > 0 ? std::optional(60 * arguments.minutes) : std::nullopt;
	auto trainer = Trainer::resume(folder.checkpoint(), source, seconds, arguments.place);
	if (trainer->plan().is_of_room != arguments.adapts())
		throw Error(fmt::format("the training in {} was begun {} --background: go on with it in the same way",
					arguments.out, arguments.adapts() ? "without" : "with"));
	return trainer;
}

// ---- The two kinds of training

void say_how_to_go_on(const TrainArguments &arguments)
{
	fmt::print("stopped; to go on, give the same command again with --resume (the checkpoint is in {})\n",
		   arguments.out);
}

void finish(const TrainingFolder &folder, const Trainer &trainer, const std::string &remark)
{
	write_model_card(folder.card(), folder.model(), trainer, remark);
	fmt::print("done: {}, and what there is to know about it in {}\n", folder.model().string(),
		   folder.card().string());
}

void train_whole(const TrainArguments &arguments, const TrainingFolder &folder)
{
	const Generator generator({.seed = arguments.seed});
	const auto trainer = make_trainer(
		arguments, folder, [&](uint64_t index, const Crop &crop) { return generator.make(index, crop); });
	TrainingSession session(
		folder, *trainer,
		{.validation = {{"drawn rooms", std::make_shared<ProceduralFrames>(ProceduralFrames::Cast::validation),
				 validation_frames}}});
	if (!session.run())
		return say_how_to_go_on(arguments);
	finish(folder, *trainer, "");
}

// There half of what it has learnt is left, but only a quarter of the harm that chance has done.
torch::jit::Module halfway_between(const torch::jit::Module &original, const torch::jit::Module &learnt)
{
	torch::jit::Module halfway = copy_network(learnt);
	update_average(state_dict(halfway), state_dict(original), 0.5);
	return halfway;
}

void adapt(const TrainArguments &arguments, const TrainingFolder &folder)
{
	const Room room = read_room(arguments.background);
	const RoomAndOthers rooms(room, arguments.seed);
	const auto trainer = make_trainer(arguments, folder,
					  [&](uint64_t index, const Crop &crop) { return rooms.make(index, crop); });
	if (room.noise > 0)
		fmt::print("the camera's noise, measured from {} frames: {:.1f} of 255\n", room.frames,
			   255 * room.noise);
	const std::vector<ValidationSet> validation = rooms.frames(ProceduralFrames::Cast::validation);
	const auto opened = [&arguments](const std::filesystem::path &file) {
		torch::jit::Module network = make_network(open_model_file(file));
		network.to(arguments.place);
		return network;
	};
	const torch::jit::Module original = opened(initial_file(arguments));
	const std::vector<double> before = validate(original, validation);
	BestInRoom best(before);
	std::string kept = "as it was";
	if (arguments.resume && std::filesystem::exists(folder.model()) &&
	    best.offer(validate(opened(folder.model()), validation)))
		kept = "as it was when the training was interrupted";

	constexpr double validations = 2;
	const double seconds = trainer->plan().seconds > 0 ? trainer->plan().seconds / validations : 60;
	TrainingSession session(folder, *trainer,
				{.validation = validation,
				 .errors = arguments.resume ? std::vector<double>() : before,
				 .save_every = std::chrono::seconds(static_cast<int>(seconds)),
				 .is_kept = [&](const auto &errors) {
					 const bool is_kept = best.offer(errors);
					 if (is_kept)
						 kept = fmt::format("after {} steps", trainer->position().steps);
					 return is_kept;
				 }});
	if (!session.run())
		return say_how_to_go_on(arguments);
	const torch::jit::Module halfway = halfway_between(original, trainer->average());
	if (best.offer(validate(halfway, validation))) {
		save_as_half(halfway, folder.model());
		kept = "halfway between before and after the training";
	}
	const std::vector<ValidationSet> test = rooms.frames(ProceduralFrames::Cast::test);
	BestInRoom verdict(validate(original, test));
	if (best.is_better())
		verdict.offer(validate(opened(folder.model()), test));
	if (!verdict.is_better()) {
		save_as_half(original, folder.model());
		kept = "as it was";
		fmt::print(
			"this room could not be learnt better than the model knows it already: it is kept as it was\n");
	}
	fmt::print("{}\n", verdict.summary());
	finish(folder, *trainer, fmt::format("Adapted to one room, the weights {}: {}.", kept, verdict.summary()));
}

void run_train(TrainArguments &arguments)
{
	arguments.place = training_device(arguments.device);
	notice_interruption();
	prepare_threads(arguments.threads);
	const TrainingFolder folder(arguments.out);
	if (arguments.adapts())
		adapt(arguments, folder);
	else
		train_whole(arguments, folder);
}

void add_flags(CLI::App &command, TrainArguments &arguments)
{
	command.add_option("--out", arguments.out,
			   "Folder for the model (model.pth), its card (model.md), previews and the checkpoint")
		->required();
	auto *minutes = command.add_option("--minutes", arguments.minutes,
					   "How long to train; 120 if not given, 5 for a room. With --resume: in all");
	minutes->check(CLI::PositiveNumber);
	command.add_option("--steps", arguments.steps, "How many steps to train, instead of minutes")
		->check(CLI::PositiveNumber)
		->excludes(minutes);
	auto *background = command.add_option(
		"--background", arguments.background,
		"Adapt a model to the room in this picture, as the camera sees it without anyone; from a "
		"sequence (room_%04d.png) or a video the camera's noise is measured, too");
	auto *init = command.add_option(
		"--init", arguments.init,
		"Begin with this model; 'bundled' is the one that comes with the program. Without it, begin with "
		"random weights, or with --background with the bundled model");
	command.add_option(
		       "--only", arguments.only,
		       "Train only this part of the model: coarse or refiner. With --resume what it was begun with counts")
		->check(CLI::IsMember({"coarse", "refiner"}))
		->needs(init)
		->excludes(background);
	command.add_flag("--resume", arguments.resume, "Go on with the training in the folder");
	command.add_option("--seed", arguments.seed, "Of the weights and pictures")->capture_default_str();
	command.add_option("--device", arguments.device,
			   "auto, cpu, cuda or cuda:N; CUDA needs LibTorch's half for it (ci/setup.sh --cuda)")
		->capture_default_str();
	command.add_option("--threads", arguments.threads, "On the CPU; 0: one for each processor")
		->check(CLI::Range(0, 1024))
		->capture_default_str();
}

} // namespace

void add_train_command(CLI::App &app)
{
	auto arguments = std::make_shared<TrainArguments>();
	CLI::App *command = app.add_subcommand(
		"train",
		"Trains a model on drawn pictures, or adapts one to your room.\n\n"
		"Every few minutes it writes a checkpoint, the model so far and a preview. Ctrl-C stops it; --resume goes "
		"on. Errors are mean absolute differences of alpha, times 1000.");
	add_flags(*command, *arguments);
	command->callback([arguments] { run_train(*arguments); });
}

} // namespace matting
