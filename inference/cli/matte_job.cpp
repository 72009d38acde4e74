// SPDX-License-Identifier: GPL-2.0-or-later
#include "matte_job.hpp"

#include "help.hpp"
#include "interruption.hpp"
#include "matte_pictures.hpp"
#include "overwriting.hpp"
#include "progress.hpp"

#include "inference/cuda_library.hpp"
#include "inference/media/file_names.hpp"
#include "inference/media/formats.hpp"
#include "inference/media/outputs.hpp"
#include "inference/media/over.hpp"
#include "inference/media/pipeline.hpp"
#include "inference/platform.hpp"
#include "inference/threads.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace matting {
namespace {

using Path = std::filesystem::path;

// Of pictures, at once: they keep up with any engine, and each has a frame in memory.
constexpr int most_encoders = 8;

// With its alpha beside it, the foreground is the result's colours.
View view_of(const MatteArguments &arguments)
{
	return arguments.alpha.empty() ? arguments.view : View::result;
}

std::vector<Path> inputs_of(const MatteArguments &arguments, const std::vector<Path> &sources)
{
	std::vector<Path> inputs{arguments.background, arguments.over, arguments.engine.model.path()};
	inputs.insert(inputs.end(), sources.begin(), sources.end());
	return inputs;
}

} // namespace

struct MatteJob::State {
	const MatteArguments &arguments;
	const bool into_folder;
	const ProtectedFiles inputs;
	Plate plate;
	std::optional<Backdrop> backdrop;
	std::optional<Engine> engine{};    // loaded when all files are there
	std::atomic<bool> has_failed{};    // nobody wants what is still to be read
	std::map<Path, Path> sources_of{}; // outputs

	struct Outputs {
		Path path, alpha_path;
		std::unique_ptr<MediaWriter> writer, alpha;
		int64_t written = 0;
	};

	Channels channels() const;
	int first_number(const MediaFacts &facts) const;
	WriteSettings settings_for(const Path &path, const MediaFacts &facts, Channels channels) const;
	WriteSettings settings_for_alpha(const Path &path, const MediaFacts &facts, bool is_alike) const;
	std::unique_ptr<MediaWriter> create(const Path &path, const MediaFacts &facts,
					    const WriteSettings &settings) const;
	Outputs create_outputs(const MediaFacts &facts) const;
	void load_engine();
	std::string matte(MediaReader &reader, Outputs &outputs);
	void matte_frames(Handover<TimedBitmap> &sources, Handover<TimedBitmap> &results, const MediaFacts &facts);
	void finish(Outputs &outputs, const MediaFacts &facts) const;
	void write(TimedBitmap frame, const MediaFacts &facts, Outputs &outputs);
};

Channels MatteJob::State::channels() const
{
	if (arguments.view == View::foreground)
		return Channels::colour;
	if (arguments.view != View::result)
		return Channels::grey;
	return backdrop && backdrop->is_opaque() ? Channels::colour : Channels::alpha;
}

int MatteJob::State::first_number(const MediaFacts &facts) const
{
	return facts.is_sequence ? facts.first_number : arguments.reading.first_number.value_or(1);
}

WriteSettings MatteJob::State::settings_for(const Path &path, const MediaFacts &facts, Channels channels) const
{
	std::error_code ignored;
	const bool is_file = std::filesystem::is_regular_file(facts.path, ignored);
	const bool goes_by_folder = into_folder && (facts.is_picture || facts.is_sequence);
	return {.codec = codec_for(path, into_folder, facts, arguments.codec),
		.crf = goes_by_folder ? std::nullopt : arguments.crf, // which is for the videos in there
		.channels = channels,
		.timing = facts.timing,
		.pixel_aspect = facts.pixel_aspect,
		.first_number = first_number(facts),
		.threads = std::min(useful_threads(), most_encoders),
		.companion = is_file && !facts.is_picture ? facts.path : Path(),
		.origin = facts.origin,
		.wants_sound = !arguments.leaves_sound};
}

// Beside the output: of the same codec, if it is written alike.
WriteSettings MatteJob::State::settings_for_alpha(const Path &path, const MediaFacts &facts, bool is_alike) const
{
	WriteSettings settings = settings_for(path, facts, Channels::grey);
	settings.wants_sound = false;
	if (!is_alike) {
		settings.codec = codec_for(path, into_folder, facts, "auto");
		settings.crf.reset();
	}
	return settings;
}

std::unique_ptr<MediaWriter> MatteJob::State::create(const Path &path, const MediaFacts &facts,
						     const WriteSettings &settings) const
{
	if (!is_standard_output(path)) // which the standard input can be, by its name
		require_no_input(path, inputs);
	require_fitting(path, settings.codec, settings.channels == Channels::alpha, facts);
	require_folder(path);
	require_may_write(path, settings.first_number, arguments.overwriting);
	return create_media(path, settings);
}

MatteJob::State::Outputs MatteJob::State::create_outputs(const MediaFacts &facts) const
{
	const auto name = [&](const Path &path, Channels channels) {
		return into_folder ? output_in(path, facts, arguments.codec, channels == Channels::alpha) : path;
	};
	Outputs outputs{.path = name(arguments.output, channels())};
	if (const auto before = sources_of.find(outputs.path); before != sources_of.end())
		throw Error(fmt::format(
			"cannot write {} for {}: it is that of {}; choose another folder for one of the two",
			outputs.path.string(), facts.path.string(), before->second.string()));
	outputs.writer = create(outputs.path, facts, settings_for(outputs.path, facts, channels()));
	if (arguments.alpha.empty())
		return outputs;
	outputs.alpha_path = name(arguments.alpha, Channels::grey);
	require_different(outputs.path, outputs.alpha_path);
	const bool is_alike = outputs.alpha_path.extension() == outputs.path.extension();
	outputs.alpha = create(outputs.alpha_path, facts, settings_for_alpha(outputs.alpha_path, facts, is_alike));
	return outputs;
}

void MatteJob::State::write(TimedBitmap frame, const MediaFacts &facts, Outputs &outputs)
{
	if (outputs.alpha)
		outputs.alpha->write(alpha_of(frame.bitmap).picture(), frame.time, frame.duration);
	const double seconds = static_cast<double>(frame.time) * facts.timing.unit.value();
	if (backdrop)
		backdrop->composite(frame.bitmap.picture(), seconds, facts.pixel_aspect);
	if (outputs.alpha && arguments.view == View::foreground)
		make_opaque(frame.bitmap);
	outputs.writer->write(frame.bitmap.picture(), frame.time, frame.duration);
	outputs.written++;
}

void MatteJob::State::matte_frames(Handover<TimedBitmap> &sources, Handover<TimedBitmap> &results,
				   const MediaFacts &facts)
{
	bool has_plate = false;
	while (auto frame = sources.pop()) {
		if (!std::exchange(has_plate, true))
			matting_of(arguments.background, [&] {
				engine->set_background(fitted(plate, frame->bitmap, facts.pixel_aspect).picture());
			});
		matting_of(facts.path, [&] {
			engine->matte(frame->bitmap.picture(), frame->bitmap.picture(), view_of(arguments));
		});
		if (is_interrupted() || !results.push(std::move(*frame)))
			break;
	}
	if (is_interrupted())
		throw Error("interrupted: nothing was written, but whole pictures of a sequence");
}

// Why the source ended before its end; or empty.
std::string MatteJob::State::matte(MediaReader &reader, Outputs &outputs)
{
	Progress progress(reader.facts().frames);
	Handover<TimedBitmap> sources, results;
	const auto stop = [&] {
		sources.close();
		results.close();
	};
	Worker reading(
		[&] {
			SizeCheck check(reader.facts());
			while (auto frame = reader.read()) {
				check.require_same(frame->bitmap);
				if (!sources.push(std::move(*frame)))
					return;
			}
		},
		[&] { sources.close(); });
	Worker writing(
		[&] {
			while (auto frame = results.pop()) {
				write(std::move(*frame), reader.facts(), outputs);
				progress.advance();
			}
		},
		stop);
	try {
		matte_frames(sources, results, reader.facts());
		results.close();
		writing.join();
	} catch (...) {
		has_failed = true;
		stop(); // the workers' threads end, and are joined
		throw;
	}
	try {
		reading.join();
	} catch (const Error &error) {
		return error.what();
	}
	return "";
}

void MatteJob::State::finish(Outputs &outputs, const MediaFacts &facts) const
{
	outputs.writer->finish();
	if (outputs.alpha)
		outputs.alpha->finish();
	for (const std::string &note : outputs.writer->notes())
		tell(fmt::format("{}: {}", outputs.path.string(), note));
	const std::string codec = codec_for(outputs.path, into_folder, facts, arguments.codec);
	const bool wants_sound = !arguments.leaves_sound && find_format(outputs.path, codec).is_video;
	if (facts.loses_sound && wants_sound)
		tell(fmt::format("{}: the sound is left out: a pipe is read only once", outputs.path.string()));
	const ReadSettings &range = arguments.reading;
	if (range.frames || range.duration || range.start > 0 || range.first_number)
		return; // others may write the rest
	for (const Path &path : {outputs.path, outputs.alpha_path})
		if (const std::string older = older_pictures(path, first_number(facts), outputs.written);
		    !older.empty())
			tell(older);
}

void MatteJob::State::load_engine()
{
	if (engine)
		return;
	engine.emplace(make_engine(arguments.engine, arguments.threads, arguments.options));
	tell_on_terminal(fmt::format("{} ({}) on {}, {}", with_model(arguments.engine).model.path().filename().string(),
				     engine->backbone(), engine->device(), engine->precision()));
}

MatteJob::MatteJob(const MatteArguments &arguments, const std::vector<Path> &sources, bool into_folder)
	: state_(new State{.arguments = arguments,
			   .into_folder = into_folder,
			   .inputs = ProtectedFiles(inputs_of(arguments, sources)),
			   .plate = read_plate(arguments.background, is_interrupted),
			   .backdrop = arguments.over.empty() ? std::nullopt
							      : std::optional<Backdrop>(std::in_place, arguments.over,
											is_interrupted)})
{
}

MatteJob::~MatteJob() = default;

void MatteJob::run(const Path &source)
{
	ReadSettings reading = state_->arguments.reading;
	state_->has_failed = false;
	reading.is_stopped = [this] {
		return is_interrupted() || state_->has_failed;
	};
	const auto reader = open_media(source, reading);
	for (const std::string &note : reader->facts().notes)
		tell_on_terminal(fmt::format("{}: {}", source.string(), note));
	for (const std::string &warning : reader->facts().warnings)
		tell(fmt::format("{}: {}", source.string(), warning));
	auto outputs = state_->create_outputs(reader->facts());
	state_->load_engine();
	const std::string damage = state_->matte(*reader, outputs);
	if (outputs.written > 0)
		state_->finish(outputs, reader->facts());
	state_->sources_of.emplace(outputs.path, source);
	// Now, when the progress bar is gone, and a card can have failed on the way.
	tell_fallback(state_->engine->fallback());
	if (!damage.empty())
		throw Error(
			fmt::format("{}; {} before it {} written to {}", damage,
				    outputs.written == 1 ? "the frame" : fmt::format("the {} frames", outputs.written),
				    outputs.written == 1 ? "is" : "are", outputs.path.string()));
}

} // namespace matting
