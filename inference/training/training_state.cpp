// SPDX-License-Identifier: GPL-2.0-or-later
// A training as a file, in parts: a description in JSON and all its tensors.
#include "trainer.hpp"

#include "in_parts.hpp"

#include "inference/matting.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <torch/csrc/jit/serialization/pickle.h>

namespace matting::training {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(BatchPlan, width, height, batch, scales, least_frame_height, greatest_frame_height,
				   stride, first_sample)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Mixture, batches, patches_of_each)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Stage, lesson, batches, share, learning_rate, method, cosine_begin, cosine_end,
				   weight_decay, mixture)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TrainingPlan, stages, steps, seconds, average_decay, seed, learners, is_mixed,
				   saves_average_only, origin)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Position, stage, progress, progress_each, stage_steps, steps, samples, stage_seconds,
				   seconds, moments_since, steps_by_stage)

namespace {

constexpr int format_version = 9;

using Tensors = c10::Dict<std::string, at::Tensor>;

} // namespace

// What is left goes to the stages that are left.
static void set_end(TrainingPlan &plan, const Position &position, double seconds)
{
	if (plan.seconds == 0)
		throw Error("that training counts steps, not minutes");
	double share = 0;
	for (size_t i = position.stage; i < plan.stages.size(); i++)
		share += plan.stages[i].share;
	if (share == 0)
		throw Error("that training is at its end: begin another one with its model");
	plan.seconds = (seconds - position.seconds + position.stage_seconds) / share;
}

// Note [Small checkpoints]
// Weights, their average and the optimizer's moments are 80 MB with MobileNetV2: more than some machines with a card let out.
// The average alone is 20. What goes on from it is as at the beginning of a stage: the average becomes the weights, and the
// rate warms up while the moments are found anew. Only the head that helps the coarse network to learn has no average.

// Weights, average and moments by name; they share memory with the trainer.
StateDict Trainer::state() const
{
	StateDict all;
	const StateDict average = state_dict(average_);
	for (const auto &[name, tensor] : learners_.weights())
		if (!plan_.saves_average_only || !average.contains(name))
			all.emplace("weights." + name, tensor);
	for (const auto &[name, tensor] : average)
		all.emplace("average." + name, tensor);
	if (optimizer_ && !plan_.saves_average_only)
		all.merge(optimizer_->state());
	return all;
}

void Trainer::save(const std::filesystem::path &path) const
{
	const nlohmann::json description{{"version", format_version},
					 {"backbone", backbone_name(recognise_backbone(state_dict(average_)))},
					 {"plan", plan_},
					 {"position", position_}};
	Tensors tensors;
	for (const auto &[name, tensor] : state())
		tensors.insert(name, tensor.detach().cpu());
	const std::vector<char> bytes =
		torch::jit::pickle_save(c10::ivalue::Tuple::create({description.dump(), tensors}));
	write_in_parts(path, {bytes.data(), bytes.size()});
}

std::unique_ptr<Trainer> Trainer::resume(const std::filesystem::path &path, SampleSource source,
					 std::optional<double> seconds, at::Device device)
try {
	const std::string bytes = read_from_parts(path);
	const auto parts = torch::jit::pickle_load({bytes.begin(), bytes.end()}).toTuple();
	const auto description = nlohmann::json::parse(parts->elements().at(0).toStringRef());
	if (description.at("version") != format_version)
		throw Error(fmt::format("{} is a checkpoint of another version of this program", path.string()));
	auto plan = description.at("plan").get<TrainingPlan>();
	const auto position = description.at("position").get<Position>();
	if (seconds)
		set_end(plan, position, *seconds);
	const auto name = description.at("backbone").get<std::string>();
	const auto backbone = std::find(backbone_names.begin(), backbone_names.end(), name) - backbone_names.begin();
	torch::jit::Module network = make_network(static_cast<Backbone>(backbone));
	network.to(device);
	auto trainer = std::make_unique<Trainer>(network, plan, std::move(source));

	trainer->position_.stage = position.stage;
	trainer->begin_stage();
	trainer->position_ = position;
	trainer->measured_seconds_ = position.seconds;
	trainer->measured_steps_ = position.steps;
	const Tensors tensors =
		c10::impl::toTypedDict<std::string, at::Tensor>(parts->elements().at(1).toGenericDict());
	const torch::NoGradGuard no_grad;
	for (const auto &[tensor_name, tensor] : trainer->state())
		at::Tensor(tensor).copy_(tensors.at(tensor_name));
	if (plan.saves_average_only) {
		trainer->take_average();
		trainer->position_.moments_since = position.progress;
	}
	trainer->learners_.align();
	return trainer;
} catch (const Error &) {
	throw;
} catch (const c10::Error &error) { // of a card, perhaps
	throw Error(fmt::format("{} cannot be gone on with: it is damaged, or {}", path.string(),
				std::string_view(error.what_without_backtrace()).substr(0, 200)));
} catch (const std::exception &) {
	throw Error(fmt::format("{} is damaged or not a checkpoint of a training", path.string()));
}

} // namespace matting::training
