// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.hpp"
#include "interruption.hpp"
#include "progress.hpp"

#include "inference/cuda_library.hpp"
#include "inference/matting.hpp"
#include "inference/media/file_names.hpp"
#include "inference/media/formats.hpp"
#include "inference/media/media.hpp"
#include "inference/media/over.hpp"
#include "inference/media/pipeline.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace matting {
namespace {

struct MatteArguments {
	std::string source, background, output, over;
	std::string codec = "auto";
	EngineSettings engine;
	int threads = 0;
	View view = View::result;
	Options options;
};

void require_possible_output(const MatteArguments &arguments)
{
	for (const std::filesystem::path &input :
	     {std::filesystem::path(arguments.source), std::filesystem::path(arguments.background),
	      std::filesystem::path(arguments.over), arguments.engine.model.path()})
		if (!input.empty() && could_overwrite(arguments.output, input))
			throw Error(fmt::format("the output {} is one of the inputs: choose another name",
						arguments.output));
	const bool needs_alpha = arguments.view == View::result && arguments.over.empty();
	if (needs_alpha && !find_format(arguments.output, arguments.codec).has_alpha)
		throw Error(fmt::format("{} cannot hold alpha: write {}, or composite with --over", arguments.output,
					formats_text(true)));
}

void run_matte(const MatteArguments &arguments)
{
	require_possible_output(arguments);
	notice_interruption();
	const auto reader = open_media(arguments.source);
	Bitmap background = read_picture(arguments.background);
	std::optional<Backdrop> backdrop;
	if (!arguments.over.empty())
		backdrop.emplace(arguments.over);
	Engine engine = make_engine(arguments.engine, arguments.threads, arguments.options);
	engine.set_background(background.picture());
	const auto writer = create_media(arguments.output, arguments.codec, reader->timing());

	Progress progress(reader->frames());
	Handover<TimedBitmap> sources, results;
	const auto stop = [&] {
		sources.close();
		results.close();
	};
	Worker reading(
		[&] {
			while (auto frame = reader->read())
				if (!sources.push(std::move(*frame)))
					return;
		},
		[&] { sources.close(); });
	Worker writing(
		[&] {
			while (auto frame = results.pop()) {
				if (backdrop)
					backdrop->composite(frame->bitmap.picture());
				writer->write(frame->bitmap.picture(), frame->time);
				progress.advance();
			}
		},
		stop);
	try {
		while (auto frame = sources.pop()) {
			if (is_interrupted())
				throw Error("interrupted: nothing was written, but whole pictures of a sequence");
			engine.matte(frame->bitmap.picture(), frame->bitmap.picture(), arguments.view);
			if (!results.push(std::move(*frame)))
				break;
		}
		results.close();
		writing.join();
		reading.join();
	} catch (...) {
		stop(); // the workers' threads end, and are joined
		throw;
	}
	writer->finish();
	tell_fallback(engine.fallback()); // now, when the progress bar is gone, and a card can have failed on the way
}

std::vector<std::string> codecs()
{
	std::vector<std::string> names{"auto"};
	for (const Format &format : formats())
		if (format.is_video)
			names.emplace_back(format.codec);
	return names;
}

void add_flags(CLI::App &command, MatteArguments &arguments)
{
	command.add_option("--source", arguments.source,
			   "Picture, sequence (frame_%04d.png) or video. Its own alpha, if any, is kept")
		->required();
	command.add_option(
		       "--background", arguments.background,
		       "The same view without the person: a picture, or a video's first frame. May have another size, "
		       "but not another shape")
		->required();
	command.add_option(
		       "--output", arguments.output,
		       fmt::format("With alpha: {}. Without: {}. A name with %04d is a sequence. Sound is not copied",
				   formats_text(true), formats_text(false)))
		->required();
	add_engine_flags(command, arguments.engine, arguments.threads);
	command.add_option("--codec", arguments.codec, "For videos; auto: by the extension")
		->check(CLI::IsMember(codecs()))
		->capture_default_str();
	const std::map<std::string, View> views{{"result", View::result},
						{"alpha", View::alpha},
						{"foreground", View::foreground},
						{"error", View::error},
						{"refined", View::refined}};
	command.add_option(
		       "--view", arguments.view,
		       "What to write: the result with alpha, its alpha as grey, the predicted foreground, the expected error, "
		       "or what was refined")
		->transform(CLI::CheckedTransformer(views))
		->default_str("result");
	command.add_option("--over", arguments.over,
			   "Composite over a picture (scaled to cover) or a colour (#RRGGBB), as image editors do");
	add_option_flags(command, arguments.options);
}

} // namespace

void add_matte_command(CLI::App &app)
{
	auto arguments = std::make_shared<MatteArguments>();
	CLI::App *command =
		app.add_subcommand("matte", "Removes the background from a picture, a sequence or a video.");
	add_flags(*command, *arguments);
	command->callback([arguments] { run_matte(*arguments); });
}

} // namespace matting
