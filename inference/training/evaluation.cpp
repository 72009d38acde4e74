// SPDX-License-Identifier: GPL-2.0-or-later
#include "evaluation.hpp"

#include "generator_part.hpp"
#include "validation.hpp"

#include "inference/training/drawing/random.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <torch/script.h>

namespace matting::training {
namespace {

constexpr const char *blanks = " \t";

// The name that begins there; then `at` is behind it. In quotes \" is a quote.
std::string take_name(const std::string &line, size_t &at, const char *separators)
{
	if (line[at] != '"') {
		const size_t begin = at;
		at = std::min(line.find_first_of(separators, at), line.size());
		const std::string name = line.substr(begin, at - begin);
		return name.substr(0, name.find_last_not_of(blanks) + 1);
	}
	std::string name;
	for (at++; at < line.size() && line[at] != '"'; at++) {
		if (line.compare(at, 2, "\\\"") == 0)
			at++;
		name += line[at];
	}
	if (at++ == line.size())
		throw Error("a quote is not closed");
	return name;
}

// `has_tabs`: some lie between names.
std::vector<std::string> split(const std::string &line, const char *separators, bool &has_tabs)
{
	std::vector<std::string> names;
	for (size_t at = line.find_first_not_of(blanks); at < line.size();) {
		names.push_back(take_name(line, at, separators));
		const size_t next = std::min(line.find_first_not_of(blanks, at), line.size());
		has_tabs = has_tabs || (next < line.size() && line.substr(at, next - at).find('\t') != line.npos);
		at = next;
	}
	return names;
}

EvaluationPair pair_of(const std::string &line)
{
	bool has_tabs = false;
	std::vector<std::string> names = split(line, "\t", has_tabs);
	if (!has_tabs)
		names = split(line, blanks, has_tabs);
	if (names.size() != 3)
		throw Error(
			fmt::format("there should be three names (source, background, alpha), not {}", names.size()));
	return {names[0], names[1], names[2]};
}

at::Tensor alpha_of(Bitmap &result)
{
	constexpr int alpha = 3;
	return channels(result.picture(), alpha, 1);
}

void add_flicker(AlphaError &error, const Flicker &flicker, const Truth &truth)
{
	error.edge_flicker = flicker.in(truth.edge);
	error.background_flicker = flicker.in(truth.background);
}

// As a webcam in a lit room has it; white, without the compression that would hide it.
Bitmap with_noise(const Bitmap &picture, int take)
{
	constexpr double deviation = 2.5; // of 255
	Random random(0x666c69636b6572, static_cast<uint64_t>(take));
	Bitmap result = picture;
	for (size_t i = 0; i < result.pixels.size(); i++)
		if (i % 4 != 3)
			result.pixels[i] = static_cast<uint8_t>(
				std::clamp(result.pixels[i] + deviation * random.normal(), 0., 255.) + 0.5);
	return result;
}

} // namespace

Bitmap to_bitmap(const at::Tensor &planes)
{
	Bitmap bitmap(static_cast<int>(planes.size(2)), static_cast<int>(planes.size(1)));
	bitmap.pixels = to_pixels(planes);
	return bitmap;
}

at::Tensor channels(const Picture &picture, int first, int count)
{
	const at::Tensor bytes = at::from_blob(picture.pixels, {picture.height, picture.width, 4}, at::kByte);
	return bytes.narrow(2, first, count).permute({2, 0, 1}).to(at::kFloat).div_(255).contiguous();
}

std::vector<EvaluationPair> read_evaluation_list(const std::filesystem::path &list)
{
	std::error_code ignored;
	if (std::filesystem::is_directory(list, ignored))
		throw Error(fmt::format("{} is a folder: name a text file that lists pictures", list.string()));
	std::ifstream stream(list);
	if (!stream)
		throw Error(fmt::format("cannot read {}: {}", list.string(), std::strerror(errno)));
	const std::filesystem::path folder = list.parent_path();
	std::vector<EvaluationPair> pairs;
	std::string line;
	for (int number = 1; std::getline(stream, line); number++) {
		if (line.ends_with('\r'))
			line.pop_back();
		if (number == 1 && line.starts_with("\xEF\xBB\xBF")) // a mark that some editors write
			line.erase(0, 3);
		const size_t first = line.find_first_not_of(blanks);
		if (first == line.npos || line[first] == '#')
			continue;
		try {
			const EvaluationPair pair = pair_of(line);
			pairs.push_back({folder / pair.source, folder / pair.background, folder / pair.alpha, number});
		} catch (const Error &error) {
			throw Error(fmt::format("{}, line {}: {}", list.string(), number, error.what()));
		}
	}
	if (stream.bad())
		throw Error(fmt::format("cannot read {} to its end: {}", list.string(), std::strerror(errno)));
	if (pairs.empty())
		throw Error(fmt::format("{} names no pictures", list.string()));
	return pairs;
}

Evaluation::Evaluation(Engine &engine, Bitmap &background)
	: engine_(engine), plate_(channels(background.picture(), 0, 3))
{
}

void Evaluation::add(Bitmap &source, const Truth &truth)
{
	Bitmap result(source.width, source.height);
	engine_.matte(source.picture(), result.picture());
	const at::Tensor alpha = alpha_of(result);
	AlphaError error = alpha_error(alpha, truth);
	error.edge_composite = composite_error(alpha, channels(result.picture(), 0, 3), plate_,
					       channels(source.picture(), 0, 3), truth);
	errors_.push_back(error);
	flicker_.add(alpha);
	change_.add(alpha, truth.alpha);
}

AlphaError Evaluation::of_still(const Truth &truth) const
{
	AlphaError error = mean(errors_);
	if (errors_.size() > 1)
		add_flicker(error, flicker_, truth);
	return error;
}

AlphaError Evaluation::of_moving() const
{
	AlphaError error = mean(errors_);
	if (errors_.size() > 1)
		error.dtssd = change_.dtssd();
	return error;
}

AlphaError evaluate(Engine &engine, Bitmap &source, Bitmap &background, const Truth &truth, bool flicker)
{
	constexpr int noisy_frames = 8;
	Evaluation evaluation(engine, background);
	evaluation.add(source, truth);
	AlphaError error = evaluation.of_still(truth);
	if (!flicker)
		return error;
	Flicker among_noisy;
	for (int i = 0; i < noisy_frames; i++) {
		Bitmap noisy = with_noise(source, i);
		engine.matte(noisy.picture(), noisy.picture());
		among_noisy.add(alpha_of(noisy));
	}
	add_flicker(error, among_noisy, truth);
	return error;
}

AlphaError evaluate(Engine &engine, const Sample &frame, bool flicker)
{
	Bitmap source = to_bitmap(frame.source), background = to_bitmap(frame.background);
	engine.set_background(background.picture());
	return evaluate(engine, source, background, Truth(frame.alpha), flicker);
}

// The seeds are far from what anyone types, so that no training learns from these. Few sprites and rooms: they are drawn anew
// each time.
ProceduralFrames::ProceduralFrames(Cast cast)
	: generator_(load_generator({.seed = static_cast<uint64_t>(cast), .sprites = 120, .rooms = 60}))
{
}

Sample ProceduralFrames::make(int number) const
{
	constexpr int width = 1280, height = 720;
	return generator_->make(static_cast<uint64_t>(number), {width, height, {static_cast<double>(height)}})[0];
}

} // namespace matting::training
