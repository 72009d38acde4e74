// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.hpp"
#include "eval_report.hpp"
#include "matte_pictures.hpp"
#include "progress.hpp"

#include "inference/matting.hpp"
#include "inference/media/file_names.hpp"
#include "inference/media/media.hpp"
#include "inference/pixels.hpp"
#include "inference/training/evaluation.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace matting {
namespace {

using namespace training;

struct EvalArguments {
	std::string list;
	int procedural = 0;
	bool has_flicker = false;
	bool as_json = false, as_markdown = false;
	EngineSettings engine;
	int threads = 0;
	OptionFlags options;
};

std::string size_text(const Bitmap &bitmap)
{
	return fmt::format("{}x{}", bitmap.width, bitmap.height);
}

void require_true_alpha(const Bitmap &alpha, const Bitmap &source, const EvaluationPair &pair)
{
	if (alpha.width != source.width || alpha.height != source.height)
		throw Error(fmt::format("the alpha {} is {}, its picture {} is {}: they must have the same size",
					pair.alpha.string(), size_text(alpha), pair.source.string(),
					size_text(source)));
	constexpr int rounding = 8; // of lossy pictures
	for (size_t i = 0; i < alpha.pixels.size(); i += 4) {
		const auto [least, most] = std::minmax({alpha.pixels[i], alpha.pixels[i + 1], alpha.pixels[i + 2]});
		if (most - least > rounding)
			throw Error(fmt::format("the alpha {} is a picture with colours: it must be grey, as "
						"matte --view alpha writes it",
						pair.alpha.string()));
		if (alpha.pixels[i + 3] != 255)
			throw Error(fmt::format(
				"the alpha {} is a picture that has alpha of its own: its true alpha must be grey, "
				"as matte --view alpha writes it",
				pair.alpha.string()));
	}
}

Truth truth_in(Bitmap &alpha, const Bitmap &source, const EvaluationPair &pair)
{
	require_true_alpha(alpha, source, pair);
	return Truth(channels(alpha.picture(), 0, 1));
}

void require_there(const EvaluationPair &pair)
{
	for (const auto &path : {pair.source, pair.background, pair.alpha}) {
		std::error_code ignored;
		if (std::filesystem::is_directory(path, ignored))
			throw Error(
				fmt::format("{} is a folder: name a picture, a sequence (frame_%04d.png) or a video",
					    path.string()));
		if (!std::filesystem::exists(path, ignored) && !is_sequence_name(path))
			throw Error(fmt::format("cannot read {}: there is no such file", path.string()));
	}
}

void require_fitting(const EvaluationPair &pair)
{
	const Bitmap source = read_picture(pair.source);
	Bitmap background = read_picture(pair.background);
	if (!same_aspect(background.picture(), source.width, source.height))
		throw Error(fmt::format("the background {} is {}, its picture {} is {}: they must have the same shape",
					pair.background.string(), size_text(background), pair.source.string(),
					size_text(source)));
	require_true_alpha(read_picture(pair.alpha), source, pair);
}

// Does that for a line of the list: what goes wrong has its number.
template<typename Work> void on_line(const EvaluationPair &pair, const std::string &list, const Work &work)
{
	try {
		work();
	} catch (const Error &error) {
		throw Error(fmt::format("{}, line {}: {}", list, pair.line, error.what()));
	}
}

// A bad line shall be known before the others are measured, which can take hours: first all names, then the first frame of each.
std::vector<EvaluationPair> checked_pairs(const std::string &list)
{
	const std::vector<EvaluationPair> pairs = read_evaluation_list(list);
	for (const EvaluationPair &pair : pairs)
		on_line(pair, list, [&] { require_there(pair); });
	Progress progress(static_cast<int64_t>(pairs.size()), "lines checked");
	for (const EvaluationPair &pair : pairs) {
		on_line(pair, list, [&] { require_fitting(pair); });
		progress.advance();
	}
	return pairs;
}

Bitmap use_background(Engine &engine, const EvaluationPair &pair)
{
	Bitmap background = read_picture(pair.background);
	matting_of(pair.background, [&] { engine.set_background(background.picture()); });
	return background;
}

// One alpha for all frames: nothing moves.
AlphaError evaluate_still(Engine &engine, const EvaluationPair &pair, MediaReader &sources, Bitmap &alpha, bool flicker)
{
	Bitmap background = use_background(engine, pair);
	SizeCheck check(sources.facts());
	auto source = sources.read();
	const Truth truth = truth_in(alpha, source->bitmap, pair);
	if (sources.facts().is_picture)
		return matting_of(pair.source,
				  [&] { return evaluate(engine, source->bitmap, background, truth, flicker); });
	Evaluation evaluation(engine, background);
	for (; source; source = sources.read()) {
		check.require_same(source->bitmap);
		matting_of(pair.source, [&] { evaluation.add(source->bitmap, truth); });
	}
	return evaluation.of_still(truth);
}

AlphaError evaluate_moving(Engine &engine, const EvaluationPair &pair, MediaReader &sources, MediaReader &alphas)
{
	Bitmap background = use_background(engine, pair);
	Evaluation evaluation(engine, background);
	SizeCheck source_check(sources.facts()), alpha_check(alphas.facts());
	for (int frames = 0;; frames++) {
		auto source = sources.read(), alpha = alphas.read();
		if (!source && !alpha)
			return evaluation.of_moving();
		if (!source || !alpha)
			throw Error(fmt::format("{} ends after {} frames, {} does not: each frame must have its alpha",
						(source ? pair.alpha : pair.source).string(), frames,
						(source ? pair.source : pair.alpha).string()));
		source_check.require_same(source->bitmap);
		alpha_check.require_same(alpha->bitmap);
		const Truth truth = truth_in(alpha->bitmap, source->bitmap, pair);
		matting_of(pair.source, [&] { evaluation.add(source->bitmap, truth); });
	}
}

AlphaError evaluate_files(Engine &engine, const EvaluationPair &pair, bool flicker)
{
	const auto sources = open_media(pair.source), alphas = open_media(pair.alpha);
	if (!alphas->facts().is_picture)
		return evaluate_moving(engine, pair, *sources, *alphas);
	Bitmap alpha = std::move(alphas->read()->bitmap);
	return evaluate_still(engine, pair, *sources, alpha, flicker);
}

void evaluate_drawn(Engine &engine, const EvalArguments &arguments, std::vector<Evaluated> &results)
{
	Progress progress(arguments.procedural);
	const ProceduralFrames frames(ProceduralFrames::Cast::test);
	for (int i = 0; i < arguments.procedural; i++, progress.advance())
		results.push_back(
			{fmt::format("procedural {}", i), evaluate(engine, frames.make(i), arguments.has_flicker)});
}

void evaluate_list(Engine &engine, const EvalArguments &arguments, const std::vector<EvaluationPair> &pairs,
		   std::vector<Evaluated> &results)
{
	Progress progress(static_cast<int64_t>(pairs.size()), "lines");
	for (const EvaluationPair &pair : pairs) {
		on_line(pair, arguments.list, [&] {
			results.push_back({pair.source.string(), evaluate_files(engine, pair, arguments.has_flicker)});
		});
		progress.advance();
	}
}

// `failure`: why these are not all; or empty.
void print(const EvalArguments &arguments, const std::string &model, const std::vector<Evaluated> &results,
	   const std::string &failure)
{
	if (arguments.as_json)
		print_json(model, results, failure);
	else if (arguments.as_markdown)
		print_markdown(results);
	else
		print_table(results);
}

void run_eval(const EvalArguments &arguments)
{
	if (arguments.list.empty() && arguments.procedural == 0)
		throw CLI::RequiredError("One of --list and --procedural");
	std::vector<EvaluationPair> pairs;
	if (!arguments.list.empty())
		pairs = checked_pairs(arguments.list);
	const EngineSettings settings = with_model(arguments.engine);
	const std::string model = settings.model.path().string();
	Engine engine = make_engine(settings, arguments.threads, arguments.options);
	std::vector<Evaluated> results;
	try {
		if (arguments.list.empty())
			evaluate_drawn(engine, arguments, results);
		else
			evaluate_list(engine, arguments, pairs, results);
	} catch (const std::exception &error) { // what has taken hours is not lost for it
		if (!results.empty())
			print(arguments, model, results, error.what());
		throw;
	}
	print(arguments, model, results, "");
}

} // namespace

void add_eval_command(CLI::App &app)
{
	auto arguments = std::make_shared<EvalArguments>();
	CLI::App *command = app.add_subcommand(
		"eval",
		"Measures a model on pictures whose alpha is known.\n\n" + measures_text() +
			"\nWithout a place: everywhere. Where a picture has no such place (an empty room has no edges), it is not\n"
			"measured: -, in JSON null, and a column of nothing else is left out. The mean is over the pictures that\n"
			"have it.");
	auto *list = command->add_option(
		"--list", arguments->list,
		"A text file; each line names a source, its background and its alpha (a grey picture of the "
		"source's size), relative to the file. Names with spaces in \"quotes\", or tabs between names; # begins a "
		"line that does not count. Source and alpha can be sequences (frame_%04d.png) or videos: of a moving scene "
		"both, for dtSSD; of a still one only the source, for its flicker. All lines are checked before the first "
		"is measured; if one fails later, what was measured before it is printed, and the exit status is 1");
	command->add_option("--procedural", arguments->procedural,
			    "Instead: on so many drawn frames of 1280x720, which no training learns from")
		->check(CLI::Range(1, 1000000))
		->excludes(list);
	command->add_flag(
		"--flicker", arguments->has_flicker,
		"Also the flicker of single pictures: of each, eight more frames with fresh noise are matted");
	auto *json = command->add_flag(
		"--json", arguments->as_json,
		"One object: model, pictures (each its source, and what was measured) and mean. mad, mse, gradient, "
		"boundary_f and dtssd of the whole picture; foreground.mad; background.mad and .flicker; edge.mad, .mse, "
		".gradient, .self_composite and .flicker. null: not measured. If a line fails when others were measured: these, "
		"and what went wrong as error; if none was, nothing");
	command->add_flag("--markdown", arguments->as_markdown, "The means as a table in Markdown")->excludes(json);
	add_engine_flags(*command, arguments->engine, arguments->threads);
	arguments->options.add_to(*command);
	command->callback([arguments] { run_eval(*arguments); });
}

} // namespace matting
