// SPDX-License-Identifier: GPL-2.0-or-later
#include "evaluation.hpp"

#include "generator_part.hpp"
#include "validation.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iomanip>
#include <sstream>

#include <fmt/format.h>
#include <torch/script.h>

namespace matting::training {
namespace {

std::vector<std::string> split(const std::string &line)
{
	std::istringstream stream(line);
	std::vector<std::string> names;
	std::string name;
	if (line.find('\t') != std::string::npos)
		while (std::getline(stream, name, '\t'))
			names.push_back(name);
	else
		while (stream >> std::quoted(name))
			names.push_back(name);
	return names;
}

Bitmap to_bitmap(const at::Tensor &planes)
{
	Bitmap bitmap(static_cast<int>(planes.size(2)), static_cast<int>(planes.size(1)));
	bitmap.pixels = to_pixels(planes);
	return bitmap;
}

} // namespace

at::Tensor channels(const Picture &picture, int first, int count)
{
	const at::Tensor bytes = at::from_blob(picture.pixels, {picture.height, picture.width, 4}, at::kByte);
	return bytes.narrow(2, first, count).permute({2, 0, 1}).to(at::kFloat).div_(255).contiguous();
}

std::vector<EvaluationPair> read_evaluation_list(const std::filesystem::path &list)
{
	std::ifstream stream(list);
	if (!stream)
		throw Error(fmt::format("cannot read {}: {}", list.string(), std::strerror(errno)));
	const std::filesystem::path folder = list.parent_path();
	std::vector<EvaluationPair> pairs;
	std::string line;
	for (int number = 1; std::getline(stream, line); number++) {
		if (line.ends_with('\r'))
			line.pop_back();
		const std::vector<std::string> names = split(line);
		if (names.empty() || line.starts_with('#'))
			continue;
		if (names.size() != 3)
			throw Error(fmt::format(
				"{}, line {}: there should be three names (source, background, alpha), not {}",
				list.string(), number, names.size()));
		pairs.push_back({folder / names[0], folder / names[1], folder / names[2]});
	}
	if (pairs.empty())
		throw Error(fmt::format("{} names no pictures", list.string()));
	return pairs;
}

AlphaError evaluate(Engine &engine, Bitmap &source, Bitmap &background, const at::Tensor &true_alpha)
{
	engine.set_background(background.picture());
	engine.matte(source.picture(), source.picture());
	constexpr int alpha = 3;
	return alpha_error(channels(source.picture(), alpha, 1), true_alpha);
}

AlphaError evaluate(Engine &engine, const Sample &frame)
{
	Bitmap source = to_bitmap(frame.source), background = to_bitmap(frame.background);
	return evaluate(engine, source, background, frame.alpha);
}

// The seeds are far from what anyone types, so that no training learns from these. Few sprites and rooms: they are drawn anew
// each time.
ProceduralFrames::ProceduralFrames(Cast cast, const at::Tensor &room)
	: generator_(load_generator({.seed = static_cast<uint64_t>(cast), .sprites = 120, .rooms = 60, .room = room}))
{
}

Sample ProceduralFrames::make(int number) const
{
	constexpr int width = 1280, height = 720;
	return generator_->make(static_cast<uint64_t>(number), {width, height, static_cast<double>(height)});
}

} // namespace matting::training
