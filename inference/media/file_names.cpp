// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_names.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace matting {
namespace {

bool is_digit(char letter)
{
	return letter >= '0' && letter <= '9';
}

struct Sequence {
	std::string before, after; ///< of the number
	int digits = 0;            ///< at least so many

	bool holds(const std::string &name) const
	{
		if (name.size() <= before.size() + after.size() || !name.starts_with(before) || !name.ends_with(after))
			return false;
		return std::all_of(name.begin() + static_cast<std::ptrdiff_t>(before.size()),
				   name.end() - static_cast<std::ptrdiff_t>(after.size()), is_digit);
	}
	/// Of a name of this sequence: not 7 for "007" where at least four digits are written.
	std::optional<int> number_in(const std::string &name) const
	{
		if (!holds(name))
			return std::nullopt;
		int number = 0;
		const char *first = name.data() + before.size(), *last = name.data() + name.size() - after.size();
		const auto parsed = std::from_chars(first, last, number);
		return parsed.ec == std::errc() && numbered(number) == name ? std::optional(number) : std::nullopt;
	}
	std::string numbered(int number) const { return fmt::format("{}{:0{}}{}", before, number, digits, after); }
	bool is_of(const Sequence &other) const { return before == other.before && after == other.after; }
};

// As FFmpeg reads names: one %d or %04d, and %% for a percent sign.
std::optional<Sequence> sequence_of(const std::string &name)
{
	Sequence sequence;
	bool has_number = false;
	for (size_t i = 0; i < name.size(); i++) {
		std::string &part = has_number ? sequence.after : sequence.before;
		if (name[i] != '%') {
			part += name[i];
			continue;
		}
		int digits = 0;
		for (i++; i < name.size() && is_digit(name[i]) && digits < 1000; i++)
			digits = 10 * digits + name[i] - '0';
		if (i < name.size() && name[i] == '%') {
			part += '%';
		} else if (i < name.size() && name[i] == 'd' && !has_number) {
			has_number = true;
			sequence.digits = digits;
		} else {
			return std::nullopt;
		}
	}
	return has_number ? std::optional(sequence) : std::nullopt;
}

std::filesystem::path resolved(const std::filesystem::path &path)
{
	std::error_code failed;
	const auto result = std::filesystem::weakly_canonical(std::filesystem::absolute(path, failed), failed);
	return failed ? path : result;
}

// Of names without links.
bool could_name_same(const std::filesystem::path &to, const std::filesystem::path &from)
{
	if (to.parent_path() != from.parent_path())
		return false;
	const std::string to_name = to.filename().string(), from_name = from.filename().string();
	const auto to_sequence = sequence_of(to_name), from_sequence = sequence_of(from_name);
	if (to_sequence && from_sequence)
		return to_sequence->is_of(*from_sequence);
	if (to_sequence)
		return to_sequence->holds(from_name);
	return from_sequence ? from_sequence->holds(to_name) : to_name == from_name;
}

} // namespace

bool is_sequence_name(const std::filesystem::path &path)
{
	std::error_code ignored;
	return sequence_of(path.filename().string()) && !std::filesystem::exists(path, ignored);
}

std::string numbered_name(const std::filesystem::path &sequence, int number)
{
	const Sequence names = sequence_of(sequence.filename().string()).value();
	return (sequence.parent_path() / names.numbered(number)).string();
}

std::vector<int> numbers_of(const std::filesystem::path &sequence)
{
	std::vector<int> numbers;
	const auto names = sequence_of(sequence.filename().string());
	std::error_code ignored;
	const auto folder = sequence.has_parent_path() ? sequence.parent_path() : std::filesystem::path(".");
	for (const auto &entry : std::filesystem::directory_iterator(folder, ignored))
		if (const auto number = names ? names->number_in(entry.path().filename().string()) : std::nullopt)
			numbers.push_back(*number);
	std::sort(numbers.begin(), numbers.end());
	return numbers;
}

ProtectedFiles::ProtectedFiles(const std::vector<std::filesystem::path> &files)
{
	for (const auto &file : files)
		if (!file.empty())
			files_.push_back(resolved(file));
}

bool ProtectedFiles::are_hit_by(const std::filesystem::path &output) const
{
	std::error_code ignored;
	const auto to = resolved(output);
	const bool is_there = std::filesystem::exists(to, ignored); // then it can have several names
	return std::any_of(files_.begin(), files_.end(), [&](const std::filesystem::path &file) {
		std::error_code unknown;
		return (is_there && std::filesystem::equivalent(to, file, unknown)) || could_name_same(to, file);
	});
}

bool could_overwrite(const std::filesystem::path &output, const std::filesystem::path &input)
{
	return ProtectedFiles({input}).are_hit_by(output);
}

std::string sequence_url(const std::filesystem::path &sequence)
{
	std::string url = "file:";
	for (const char letter : (sequence.parent_path() / "").string())
		url.append(letter == '%' ? 2 : 1, letter);
	return url + sequence.filename().string();
}

std::string local_url(const std::filesystem::path &path)
{
	return "file:" + path.string();
}

} // namespace matting
