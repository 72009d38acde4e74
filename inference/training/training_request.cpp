// SPDX-License-Identifier: GPL-2.0-or-later
#include "training_request.hpp"

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

constexpr double usual_minutes = 120; // unless the user says otherwise

struct Beginning {
	torch::jit::Module network;
	std::string origin;
};

Beginning begin_anew(const TrainingRequest &request)
{
	if (request.init.empty()) {
		torch::jit::Module network = make_network(Backbone::mobilenetv2);
		initialise(network, request.seed);
		return {network, fmt::format("random weights (seed {})", request.seed)};
	}
	const std::string file = find_model(request.init).string();
	const ModelFile model = open_model_file(file);
	torch::jit::Module network = make_network(model);
	if (request.only != "coarse" && refiner_is_untrained(network))
		make_pass_through(network, request.seed);
	const auto name = std::filesystem::path(file).filename().string();
	return {network, fmt::format("{} (SHA-256 {})", name, model.sha256)};
}

TrainingPlan make_plan(const TrainingRequest &request)
{
	TrainingPlan plan = request.init.empty() ? whole_recipe() : tuning_recipe();
	if (!request.only.empty())
		keep_part(plan, request.only == "refiner");
	if (!request.device.is_cpu())
		fit_card(plan);
	const double minutes = request.minutes > 0 ? request.minutes : usual_minutes;
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
		for (const auto &file : {folder.model(), folder.card(), folder.preview()})
			require_new(file);
		TrainingPlan plan = make_plan(request);
		Beginning beginning = begin_anew(request);
		beginning.network.to(request.device);
		plan.origin = std::move(beginning.origin);
		plan.seed = request.seed;
		plan.saves_average_only = request.small_checkpoint;
		return std::make_unique<Trainer>(beginning.network, plan, source);
	}
	if (!exists)
		throw Error(fmt::format("there is no training in {} to go on with", request.folder.string()));
	const auto seconds = request.minutes > 0 ? std::optional(60 * request.minutes) : std::nullopt;
	return Trainer::resume(folder.checkpoint(), source, seconds, request.device);
}

// A card composes fast: a bank that is drawn by all cores at the beginning, and stays, keeps it busy. It takes 5 GB there.
GeneratorSettings pictures_of(const TrainingRequest &request, const Trainer &trainer)
{
	constexpr int together = 128; // a card takes hardly longer for more
	if (request.device.is_cpu())
		return {.seed = trainer.plan().seed};
	return {.seed = trainer.plan().seed, .device = request.device, .keeps_all = true, .together = together};
}

} // namespace

void train(const TrainingRequest &request, const TrainingHost &host)
{
	const TrainingFolder folder(request.folder);
	std::unique_ptr<Generator> generator; // of the seed that the training was begun with
	const auto trainer = make_trainer(
		request, folder, [&](uint64_t first, const Crops &crops) { return generator->make(first, crops); });
	if (trainer->is_done() && std::filesystem::exists(folder.card()))
		throw Error("that training is at its end: begin another one with its model");
	generator = load_generator(pictures_of(request, *trainer));
	TrainingSession session(host, folder, *trainer);
	const bool is_done = session.run();
	write_model_card(folder.card(), folder.model(), *trainer);
	if (!is_done) {
		fmt::print("stopped; to go on: background-matting train --output {} --resume\n",
			   request.folder.string());
		return;
	}
	fmt::print("done: {}, and what there is to know about it in {}\n", folder.model().string(),
		   folder.card().string());
}

} // namespace matting::training
