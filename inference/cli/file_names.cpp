// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_names.hpp"

#include "inference/matting.hpp"

#include <algorithm>
#include <optional>

extern "C" {
#include <libavformat/avformat.h>
}

#include <fmt/format.h>

namespace matting {
namespace {

bool is_digit(char letter)
{
	return letter >= '0' && letter <= '9';
}

struct Sequence {
	std::string before, after; ///< of the number

	bool holds(const std::string &name) const
	{
		if (name.size() <= before.size() + after.size() || !name.starts_with(before) || !name.ends_with(after))
			return false;
		return std::all_of(name.begin() + static_cast<std::ptrdiff_t>(before.size()),
				   name.end() - static_cast<std::ptrdiff_t>(after.size()), is_digit);
	}
	bool operator==(const Sequence &) const = default;
};

std::optional<Sequence> sequence_of(const std::string &name)
{
	const size_t begin = name.find('%');
	if (begin == std::string::npos || !is_sequence_name(name))
		return std::nullopt;
	return Sequence{name.substr(0, begin), name.substr(name.find('d', begin) + 1)};
}

std::filesystem::path resolved(const std::filesystem::path &path)
{
	std::error_code failed;
	const auto result = std::filesystem::weakly_canonical(std::filesystem::absolute(path, failed), failed);
	return failed ? path : result;
}

} // namespace

bool is_sequence_name(const std::filesystem::path &path)
{
	return av_filename_number_test(path.c_str()) == 1;
}

std::string numbered_name(const std::filesystem::path &sequence, int number)
{
	char name[4096];
	if (av_get_frame_filename(name, sizeof name, sequence.c_str(), number) < 0)
		throw Error(fmt::format("the name {} is too long", sequence.string()));
	return name;
}

bool could_overwrite(const std::filesystem::path &output, const std::filesystem::path &input)
{
	std::error_code ignored;
	if (std::filesystem::equivalent(output, input, ignored))
		return true;
	const auto to = resolved(output), from = resolved(input);
	if (to.parent_path() != from.parent_path())
		return false;
	const std::string to_name = to.filename(), from_name = from.filename();
	const auto to_sequence = sequence_of(to_name), from_sequence = sequence_of(from_name);
	if (to_sequence && from_sequence)
		return to_sequence == from_sequence;
	if (to_sequence)
		return to_sequence->holds(from_name);
	return from_sequence ? from_sequence->holds(to_name) : to_name == from_name;
}

std::string local_url(const std::filesystem::path &path)
{
	return "file:" + path.string();
}

} // namespace matting
