// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.hpp"
#include "progress.hpp"

#include "inference/matting.hpp"
#include "inference/media/media.hpp"
#include "inference/training/evaluation.hpp"

#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace matting {
namespace {

using Json = nlohmann::ordered_json;
using namespace training;

struct EvalArguments {
	std::string list;
	int procedural = 0;
	bool as_json = false;
	EngineSettings engine;
	int threads = 0;
	OptionFlags options;
};

struct Evaluated {
	std::string name;
	AlphaError error;
};

std::string size_text(const Bitmap &bitmap)
{
	return fmt::format("{}x{}", bitmap.width, bitmap.height);
}

AlphaError evaluate_files(Engine &engine, const EvaluationPair &pair)
{
	Bitmap source = read_picture(pair.source), background = read_picture(pair.background);
	Bitmap alpha = read_picture(pair.alpha);
	if (alpha.width != source.width || alpha.height != source.height)
		throw Error(fmt::format("the alpha {} is {}, its picture {} is {}: they must have the same size",
					pair.alpha.string(), size_text(alpha), pair.source.string(),
					size_text(source)));
	for (size_t i = 3; i < alpha.pixels.size(); i += 4)
		if (alpha.pixels[i] != 255)
			throw Error(fmt::format(
				"the alpha {} is a picture that has alpha of its own: its true alpha must be grey, "
				"as matte --view alpha writes it",
				pair.alpha.string()));
	return evaluate(engine, source, background, channels(alpha.picture(), 0, 1));
}

std::vector<Evaluated> evaluate_all(const EvalArguments &arguments, Engine &engine)
{
	std::vector<Evaluated> results;
	if (arguments.list.empty()) {
		Progress progress(arguments.procedural);
		const ProceduralFrames frames(ProceduralFrames::Cast::validation);
		for (int i = 0; i < arguments.procedural; i++, progress.advance())
			results.push_back({fmt::format("procedural {}", i), evaluate(engine, frames.make(i))});
	} else {
		const std::vector<EvaluationPair> pairs = read_evaluation_list(arguments.list);
		Progress progress(static_cast<int64_t>(pairs.size()));
		for (const EvaluationPair &pair : pairs) {
			results.push_back({pair.source.string(), evaluate_files(engine, pair)});
			progress.advance();
		}
	}
	return results;
}

Json as_json(const AlphaError &error)
{
	return {{"mad", error.mad},
		{"mse", error.mse},
		{"gradient", error.gradient},
		{"edge", {{"mad", error.edge_mad}, {"mse", error.edge_mse}, {"gradient", error.edge_gradient}}}};
}

void print_json(const std::string &model, const std::vector<Evaluated> &results, const AlphaError &mean)
{
	Json pictures = Json::array();
	for (const Evaluated &result : results) {
		Json picture{{"source", result.name}};
		picture.update(as_json(result.error));
		pictures.push_back(std::move(picture));
	}
	const Json report{{"model", model}, {"pictures", std::move(pictures)}, {"mean", as_json(mean)}};
	fmt::print("{}\n", report.dump(2, ' ', false, Json::error_handler_t::replace)); // names of any bytes
}

void print_errors(const AlphaError &error, const std::string &name)
{
	fmt::print("{:>8.2f} {:>8.2f} {:>9.3f}   {:>8.2f} {:>8.2f} {:>9.3f}   {}\n", error.mad, error.mse,
		   error.gradient, error.edge_mad, error.edge_mse, error.edge_gradient, name);
}

void run_eval(const EvalArguments &arguments)
{
	if (arguments.list.empty() == (arguments.procedural == 0))
		throw CLI::RequiredError("One of --list and --procedural");
	const EngineSettings settings = with_model(arguments.engine);
	Engine engine = make_engine(settings, arguments.threads, arguments.options);

	const std::vector<Evaluated> results = evaluate_all(arguments, engine);
	AlphaError sum;
	for (const Evaluated &result : results)
		sum += result.error;
	const AlphaError mean = sum / static_cast<double>(results.size());
	if (arguments.as_json)
		return print_json(settings.model.path().string(), results, mean);
	fmt::print("everywhere                    at edges\n"
		   "{:>8} {:>8} {:>9}   {:>8} {:>8} {:>9}\n",
		   "MAD", "MSE", "gradient", "MAD", "MSE", "gradient");
	for (const Evaluated &result : results)
		print_errors(result.error, result.name);
	print_errors(mean, "mean");
}

} // namespace

void add_eval_command(CLI::App &app)
{
	auto arguments = std::make_shared<EvalArguments>();
	CLI::App *command = app.add_subcommand(
		"eval",
		"Measures a model on pictures whose alpha is known.\n\n"
		"MAD and MSE: mean absolute and mean squared difference of alpha (0 to 1), times 1000. gradient: sum of "
		"the squared differences of the gradients' magnitudes, over 1000. At edges: the same where the true "
		"alpha varies by more than 2 % within 10 pixels.");
	command->add_option(
		"--list", arguments->list,
		"A text file; each line names a source, its background and its alpha (a grey picture of the "
		"source's size), relative to the file. Names with spaces in \"quotes\", or tabs between names");
	command->add_option("--procedural", arguments->procedural,
			    "Instead: on so many drawn frames of 1280x720, which no training learns from")
		->check(CLI::Range(1, 1000000));
	command->add_flag("--json", arguments->as_json,
			  "One object: model, pictures (source, mad, mse, gradient, edge: the same three) and mean");
	add_engine_flags(*command, arguments->engine, arguments->threads);
	arguments->options.add_to(*command);
	command->callback([arguments] { run_eval(*arguments); });
}

} // namespace matting
