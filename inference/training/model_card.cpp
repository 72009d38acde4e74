// SPDX-License-Identifier: GPL-2.0-or-later
#include "model_card.hpp"

#include "evaluation.hpp"
#include "training_session.hpp"

#include "inference/atomic_file.hpp"
#include "inference/model/model_file.hpp"

#include <fmt/format.h>

namespace matting::training {
namespace {

constexpr int frames = 16;

constexpr const char *data = R"(## Data
Drawn pictures only: rooms and landscapes, people and objects with hair and fur, and what a camera does to them (noise,
changes of exposure and white balance, misfit between plate and frame, cast shadows). No photographs, no data set, and no
weights that were made with any.
)";

// "5 006 839"
std::string grouped(int64_t number)
{
	std::string digits = std::to_string(number);
	for (auto i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3)
		digits.insert(static_cast<size_t>(i), 1, ' ');
	return digits;
}

std::string heading(const std::filesystem::path &path, const ModelFile &model)
{
	return fmt::format("# {}\n\n"
			   "| | |\n| --- | --- |\n"
			   "| network | BackgroundMattingV2 (arXiv 2012.07810), backbone {}, {} parameters, {} |\n"
			   "| SHA-256 | {} |\n"
			   "| made by | `background-matting train` {} |\n"
			   "| licence | GPL-2.0-or-later, as the program |\n\n",
			   path.filename().string(), backbone_name(model.backbone), grouped(model.parameters),
			   model.precision, model.sha256, MATTING_VERSION);
}

const char *lesson_text(Lesson lesson)
{
	switch (lesson) {
	case Lesson::coarse:
		return "the coarse network";
	case Lesson::tuning:
		return "the coarse network, statistics fixed";
	case Lesson::refiner:
		return "the refiner";
	}
	return "";
}

std::string recipe(const Trainer &trainer)
{
	const TrainingPlan &plan = trainer.plan();
	const Position &position = trainer.position();
	const bool is_on_cpu = device_of(trainer.average()).is_cpu();
	std::string text =
		fmt::format("## Training\nIt began with {}. {} steps, {} pictures, {} on {} (h:mm:ss).\n\n"
			    "| what learns | pictures | in a batch | steps | greatest rate |\n"
			    "| --- | --- | --- | --- | --- |\n",
			    plan.origin, grouped(position.steps), grouped(static_cast<int64_t>(position.samples)),
			    clock_time(position.seconds), is_on_cpu ? "the CPU" : "a CUDA device");
	for (size_t i = 0; i < plan.stages.size(); i++) {
		const Stage &stage = plan.stages[i];
		int64_t steps = 0;
		if (i < position.steps_by_stage.size())
			steps = position.steps_by_stage[i];
		else if (i == position.stage)
			steps = position.stage_steps;
		text += fmt::format("| {} | {} | {} | {} | {:.2g}{} |\n", lesson_text(stage.lesson),
				    sizes_text(stage.batches), stage.batches.batch, grouped(steps), stage.learning_rate,
				    stage.method == Method::muon ? " (Muon)" : "");
	}
	text += "\n";
	if (!trainer.is_done())
		text += fmt::format(
			"It was stopped before its end, with {} to go, and can go on from its checkpoint.\n",
			clock_time(trainer.seconds_left()));
	return text;
}

std::string figures(const std::filesystem::path &model)
{
	Options coarse = with_quality(Options(), 1280, 720, /*is_on_card=*/false);
	coarse.edge_detail = 0;
	coarse.refine_sample_pixels = 0;
	Options alone;
	alone.edge_detail = 0;
	Engine engine({.model = model});
	const ProceduralFrames source(ProceduralFrames::Cast::test);
	std::vector<AlphaError> by_default, unsolved, unrefined;
	for (int i = 0; i < frames; i++) {
		const Sample frame = source.make(i);
		engine.set_options(Options());
		by_default.push_back(evaluate(engine, frame));
		engine.set_options(alone);
		unsolved.push_back(evaluate(engine, frame));
		engine.set_options(coarse);
		unrefined.push_back(evaluate(engine, frame));
	}
	const auto row = [](const char *name, const std::vector<AlphaError> &errors) {
		const AlphaError error = mean(errors);
		return fmt::format("| {} | {:.2f} | {:.2f} | {:.2f} | {:.1f} | {:.2f} |\n", name, error.mad, error.mse,
				   error.gradient, error.edge_mad, error.edge_gradient);
	};
	return fmt::format("## Figures\nOn {0} drawn frames of 1280x720 that no training learns from "
			   "(`background-matting eval --procedural {0}`; `eval --help` says what the figures are):\n\n"
			   "| | MAD | MSE | gradient | MAD at edges | gradient at edges |\n"
			   "| --- | --- | --- | --- | --- | --- |\n",
			   frames) +
	       row("as by default", by_default) + row("the network alone", unsolved) +
	       row("nothing refined", unrefined);
}

} // namespace

void write_model_card(const std::filesystem::path &card, const std::filesystem::path &model, const Trainer &trainer)
{
	std::string text = heading(model, open_model_file(model)) + data + "\n" + recipe(trainer);
	if (trainer.is_done()) // who stops it does not want to wait
		text += figures(model);
	write_whole_file(card, text);
}

} // namespace matting::training
