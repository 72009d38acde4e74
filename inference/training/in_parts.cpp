// SPDX-License-Identifier: GPL-2.0-or-later
#include "in_parts.hpp"

#include "inference/atomic_file.hpp"
#include "inference/input_file.hpp"
#include "inference/matting.hpp"
#include "inference/model/model_file.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace matting::training {
namespace {

constexpr uintmax_t most_bytes_of_list = uintmax_t{1} << 20;

// What is written never has the names of what is there.
constexpr std::string_view sets = "ab";

std::filesystem::path part(const std::filesystem::path &list, char set, size_t number)
{
	return list.parent_path() / fmt::format("{}.{}{}", list.filename().string(), set, number);
}

void remove_from(const std::filesystem::path &list, char set, size_t number)
{
	std::error_code ignored;
	while (std::filesystem::remove(part(list, set, number), ignored))
		number++;
}

nlohmann::json read_list(const std::filesystem::path &path)
{
	const InputFile file(path);
	if (file.size() > most_bytes_of_list)
		throw Error(fmt::format("{} is no list of parts: another version of this program may have written it",
					path.string()));
	return nlohmann::json::parse(file.read_all(most_bytes_of_list));
}

char other_set(const std::filesystem::path &path)
try {
	return read_list(path).at("set") == "a" ? 'b' : 'a';
} catch (const std::exception &) { // there is none, or something else
	return 'a';
}

} // namespace

void write_in_parts(const std::filesystem::path &path, std::string_view bytes, uintmax_t most)
{
	const char set = other_set(path);
	std::vector<std::string> hashes;
	while (hashes.empty() || !bytes.empty()) {
		const std::string_view content = bytes.substr(0, most);
		write_whole_file(part(path, set, hashes.size() + 1), content);
		hashes.push_back(sha256_of_bytes(content));
		bytes.remove_prefix(std::min<size_t>(bytes.size(), most));
	}
	const nlohmann::json list{{"set", std::string(1, set)}, {"sha256_of_parts", hashes}};
	write_whole_file(path, list.dump(1, '\t') + "\n");
	remove_from(path, set, hashes.size() + 1);
	for (const char other : sets)
		if (other != set)
			remove_from(path, other, 1);
}

std::string read_from_parts(const std::filesystem::path &path)
{
	const nlohmann::json list = read_list(path);
	const char set = list.at("set").get<std::string>().at(0);
	std::string bytes;
	size_t number = 0;
	for (const auto &hash : list.at("sha256_of_parts")) {
		const InputFile file(part(path, set, ++number));
		const std::string content = file.read_all(most_bytes_of_part);
		if (sha256_of_bytes(content) != hash)
			throw Error(
				fmt::format("{} is not the part that {} says", file.path().string(), path.string()));
		bytes += content;
	}
	return bytes;
}

} // namespace matting::training
