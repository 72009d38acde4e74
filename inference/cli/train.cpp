// SPDX-License-Identifier: GPL-2.0-or-later
#include "choices.hpp"
#include "commands.hpp"
#include "interruption.hpp"

#include "inference/cuda_library.hpp"
#include "inference/media/media.hpp"
#include "inference/platform.hpp"
#include "inference/scripted_executor.hpp"
#include "inference/threads.hpp"
#include "inference/training/learn_edges.hpp"
#include "inference/training/training_request.hpp"

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

namespace matting {
namespace {

struct TrainArguments {
	training::TrainingRequest request;
	std::string device = "auto";
	int threads = 0;
	bool edges = false;
};

void prepare_threads(int threads)
{
	set_threads(threads);
	at::globalContext().setFlushDenormal(true);
}

void learn_edges(const TrainArguments &arguments)
{
	const training::TrainingFolder folder(arguments.request.folder);
	training::EdgeLearning learning{.file = folder.folder / "edge_weights.inc", .is_interrupted = is_interrupted};
	training::require_new(learning.file);
	if (arguments.request.steps > 0)
		learning.steps = arguments.request.steps;
	training::learn_edges(learning);
}

void run_train(TrainArguments &arguments)
{
	notice_interruption();
	prepare_threads(arguments.threads);
	if (arguments.edges) {
		share_freed_memory();
		return learn_edges(arguments);
	}
	const LibtorchChoice choice = libtorch_device(arguments.device);
	tell_fallback(choice.reason);
	arguments.request.device = choice.device;
	if (choice.device.is_cpu())
		share_freed_memory(); // learners would each keep theirs
	training::train(arguments.request, {is_interrupted, write_picture});
}

void add_flags(CLI::App &command, TrainArguments &arguments)
{
	command.add_option("-o,--output", arguments.request.folder,
			   "Folder for the model (model.pth), its card (model.md), previews and the checkpoint")
		->required();
	auto *minutes = command.add_option("--minutes", arguments.request.minutes,
					   "How long to train; 120 if not given. With --resume: in all");
	minutes->check(number_between(0.01, 1e6))->type_name("");
	auto *steps =
		command.add_option("--steps", arguments.request.steps, "How many steps to train, instead of minutes");
	steps->check(number_between(1, 1e9))->type_name("")->excludes(minutes);
	auto *init = command.add_option(
		"--model", arguments.request.init,
		"Begin with this model, a file or a name that `models list` shows. Without it, begin with random weights");
	command.add_option("--only", arguments.request.only,
			   "Train only this part of the model. With --resume what it was begun with counts")
		->check(CLI::IsMember({"coarse", "refiner"}))
		->needs(init);
	auto *edges =
		command.add_flag(
			       "--edges", arguments.edges,
			       "Instead of a model, learn what edge_detail knows: writes edge_weights.inc, which is compiled "
			       "into the program. A quarter of an hour on the CPU, whatever cards there are, and always from the "
			       "beginning: --device, --resume and --seed are refused")
			->excludes(init)
			->excludes(minutes);
	auto *resume = command.add_flag("--resume", arguments.request.resume, "Go on with the training in the folder")
			       ->excludes(edges)
			       ->excludes(steps);
	command.add_option("--seed", arguments.request.seed, "Of the weights and pictures")
		->check(whole_number())
		->type_name("")
		->capture_default_str()
		->excludes(edges)
		->excludes(resume);
	command.add_flag(
		       "--small-checkpoint", arguments.request.small_checkpoint,
		       "Keep only the mean of the weights in it, a quarter of what it is otherwise (20 MB for MobileNetV2). "
		       "What goes on from it finds the optimizer's moments anew")
		->excludes(edges)
		->excludes(resume);
	add_device_flag(command, arguments.device, "; CUDA needs LibTorch's half for it (ci/setup.sh --cuda)");
	command.get_option("--device")->excludes(edges);
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
		"Trains a model on drawn pictures.\n\n"
		"Every few minutes it writes a checkpoint, the model so far and a preview. Ctrl-C stops it; --resume goes "
		"on. Errors are mean absolute differences of alpha, times 1000.");
	add_flags(*command, *arguments);
	command->callback([arguments] { run_train(*arguments); });
}

} // namespace matting
