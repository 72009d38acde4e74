// SPDX-License-Identifier: GPL-2.0-or-later
#include "training_request.hpp"

#include "evaluation.hpp"
#include "generator_part.hpp"
#include "model_card.hpp"
#include "recipe.hpp"

#include "inference/model/known_models.hpp"
#include "inference/model/model_file.hpp"

#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace matting::training {
namespace {

constexpr double whole_minutes = 120, adaptation_minutes = 5; // unless the user says otherwise
constexpr int validation_frames = 4;

// ---- What it begins with

std::string initial_file(const TrainingRequest &request)
{
	if (request.init.empty())
		return request.adapts() ? bundled_model() : "";
	return find_model(request.init);
}

struct Beginning {
	torch::jit::Module network;
	std::string origin;
};

Beginning begin_anew(const TrainingRequest &request)
{
	const std::string file = initial_file(request);
	if (file.empty()) {
		torch::jit::Module network = make_network(Backbone::mobilenetv2);
		initialise(network, request.seed);
		return {network, fmt::format("random weights (seed {})", request.seed)};
	}
	const ModelFile model = open_model_file(file);
	torch::jit::Module network = make_network(model);
	if (!request.adapts() && request.only != "coarse" && refiner_is_untrained(network))
		make_pass_through(network, request.seed);
	const auto name = std::filesystem::path(file).filename().string();
	return {network, fmt::format("{} (SHA-256 {})", name, model.sha256)};
}

TrainingPlan make_plan(const TrainingRequest &request)
{
	TrainingPlan plan = request.adapts()       ? adaptation_recipe()
			    : request.init.empty() ? whole_recipe()
						   : tuning_recipe();
	if (!request.only.empty())
		keep_part(plan, request.only == "refiner");
	if (!request.device.is_cpu())
		plan.learners = 1;
	const double usual = request.adapts() ? adaptation_minutes : whole_minutes;
	const double minutes = request.minutes > 0 ? request.minutes : usual;
	set_length(plan, request.steps, request.steps > 0 ? 0 : 60 * minutes);
	return plan;
}

std::unique_ptr<Trainer> make_trainer(const TrainingRequest &request, const TrainingFolder &folder,
				      const SampleSource &source)
{
	const bool exists = std::filesystem::exists(folder.checkpoint());
	if (!request.resume) {
		if (exists)
			throw Error(fmt::format("there is a training in {} already: go on with it by --resume, or take "
						"another folder",
						request.folder.string()));
		TrainingPlan plan = make_plan(request);
		Beginning beginning = begin_anew(request);
		beginning.network.to(request.device);
		plan.origin = std::move(beginning.origin);
		return std::make_unique<Trainer>(beginning.network, plan, source);
	}
	if (!exists)
		throw Error(fmt::format("there is no training in {} to go on with", request.folder.string()));
	const auto seconds = request.minutes > 0 ? std::optional(60 * request.minutes) : std::nullopt;
	auto trainer = Trainer::resume(folder.checkpoint(), source, seconds, request.device);
	if (trainer->plan().is_of_room != request.adapts())
		throw Error(fmt::format("the training in {} was begun {} --background: go on with it in the same way",
					request.folder.string(), request.adapts() ? "without" : "with"));
	return trainer;
}

// ---- The two kinds of training

void say_how_to_go_on(const TrainingRequest &request)
{
	fmt::print("stopped; to go on, give the same command again with --resume (the checkpoint is in {})\n",
		   request.folder.string());
}

void finish(const TrainingFolder &folder, const Trainer &trainer, const std::string &remark)
{
	write_model_card(folder.card(), folder.model(), trainer, remark);
	fmt::print("done: {}, and what there is to know about it in {}\n", folder.model().string(),
		   folder.card().string());
}

void train_whole(const TrainingRequest &request, const TrainingHost &host, const TrainingFolder &folder)
{
	const auto generator = load_generator({.seed = request.seed});
	const auto trainer = make_trainer(
		request, folder, [&](uint64_t index, const Crop &crop) { return generator->make(index, crop); });
	TrainingSession session(
		host, folder, *trainer,
		{.validation = {{"drawn rooms", std::make_shared<ProceduralFrames>(ProceduralFrames::Cast::validation),
				 validation_frames}}});
	if (!session.run())
		return say_how_to_go_on(request);
	finish(folder, *trainer, "");
}

// There half of what it has learnt is left, but only a quarter of the harm that chance has done.
torch::jit::Module halfway_between(const torch::jit::Module &original, const torch::jit::Module &learnt)
{
	torch::jit::Module halfway = copy_network(learnt);
	update_average(state_dict(halfway), state_dict(original), 0.5);
	return halfway;
}

void adapt(const TrainingRequest &request, const TrainingHost &host, const TrainingFolder &folder)
{
	const Room &room = *request.room;
	const RoomAndOthers rooms(room, request.seed);
	const auto trainer = make_trainer(request, folder,
					  [&](uint64_t index, const Crop &crop) { return rooms.make(index, crop); });
	if (room.noise > 0)
		fmt::print("the camera's noise, measured from {} frames: {:.1f} of 255\n", room.frames,
			   255 * room.noise);
	const std::vector<ValidationSet> validation = rooms.frames(ProceduralFrames::Cast::validation);
	const auto opened = [&request](const std::filesystem::path &file) {
		torch::jit::Module network = make_network(open_model_file(file));
		network.to(request.device);
		return network;
	};
	const torch::jit::Module original = opened(initial_file(request));
	const std::vector<double> before = validate(original, validation);
	BestInRoom best(before);
	std::string kept = "as it was";
	if (request.resume && std::filesystem::exists(folder.model()) &&
	    best.offer(validate(opened(folder.model()), validation)))
		kept = "as it was when the training was interrupted";

	constexpr double validations = 2;
	const double seconds = trainer->plan().seconds > 0 ? trainer->plan().seconds / validations : 60;
	TrainingSession session(host, folder, *trainer,
				{.validation = validation,
				 .errors = request.resume ? std::vector<double>() : before,
				 .save_every = std::chrono::seconds(static_cast<int>(seconds)),
				 .is_kept = [&](const auto &errors) {
					 const bool is_kept = best.offer(errors);
					 if (is_kept)
						 kept = fmt::format("after {} steps", trainer->position().steps);
					 return is_kept;
				 }});
	if (!session.run())
		return say_how_to_go_on(request);
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

} // namespace

void train(const TrainingRequest &request, const TrainingHost &host)
{
	const TrainingFolder folder(request.folder);
	if (request.adapts())
		adapt(request, host, folder);
	else
		train_whole(request, host, folder);
}

} // namespace matting::training
