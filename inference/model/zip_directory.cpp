// SPDX-License-Identifier: GPL-2.0-or-later
#include "zip_directory.hpp"

#include "inference/error.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstring>
#include <string>
#include <string_view>

namespace matting {
namespace {

static_assert(std::endian::native == std::endian::little); // as the archives are

constexpr size_t max_preamble_bytes = 4096;
constexpr uintmax_t max_directory_bytes = 64 << 20;
constexpr uint32_t in_extra_field = 0xFFFFFFFF;

[[noreturn]] void throw_damaged()
{
	throw Error("engine.cut_off", "the file is damaged or cut off: save or download it again");
}

template<typename Number> Number number_at(std::string_view bytes, size_t position)
{
	Number number;
	if (position > bytes.size() || bytes.size() - position < sizeof number)
		throw_damaged();
	std::memcpy(&number, bytes.data() + position, sizeof number);
	return number;
}

std::string read_part(const InputFile &file, uintmax_t position, uintmax_t size)
{
	if (size > max_directory_bytes || position > file.size() || size > file.size() - position)
		throw_damaged();
	std::string part(size, '\0');
	part.resize(file.read(position, part.data(), part.size()));
	return part;
}

std::string read_directory(const InputFile &file)
{
	constexpr uintmax_t longest_end = 22 + 0xFFFF, locator = 20, long_end = 56;
	const uintmax_t length = std::min(file.size(), longest_end + locator), start = file.size() - length;
	const std::string tail = read_part(file, start, length);
	const size_t end = tail.rfind("PK\5\6");
	if (end == std::string::npos)
		throw_damaged();
	// Archives of LibTorch have the longer form, too, which then counts.
	if (end >= locator && std::string_view(tail).substr(end - locator).starts_with("PK\6\7")) {
		const std::string record = read_part(file, number_at<uint64_t>(tail, end - locator + 8), long_end);
		if (record.starts_with("PK\6\6"))
			return read_part(file, number_at<uint64_t>(record, 48), number_at<uint64_t>(record, 40));
	}
	return read_part(file, number_at<uint32_t>(tail, end + 16), number_at<uint32_t>(tail, end + 12));
}

uint64_t size_of(std::string_view entry, std::string_view extra)
{
	const auto size = number_at<uint32_t>(entry, 24);
	if (size != in_extra_field)
		return size;
	for (size_t at = 0; at < extra.size(); at += size_t{4} + number_at<uint16_t>(extra, at + 2))
		if (number_at<uint16_t>(extra, at) == 1)
			return number_at<uint64_t>(extra, at + 4);
	return size;
}

// Without the archive's own name before it; letters of any case are the same to LibTorch.
bool is_read_at_once(std::string_view path)
{
	std::string name(path.substr(std::min(path.size(), path.find('/') + 1)));
	std::ranges::transform(name, name.begin(), [](unsigned char letter) { return std::tolower(letter); });
	constexpr std::array<std::string_view, 3> names{"version", ".data/version", ".data/serialization_id"};
	return std::ranges::find(names, name) != names.end();
}

} // namespace

void require_small_preamble(const InputFile &archive)
{
	constexpr size_t fixed = 46;
	const std::string directory = read_directory(archive);
	for (std::string_view left = directory; !left.empty();) {
		const size_t name = number_at<uint16_t>(left, 28), extra = number_at<uint16_t>(left, 30),
			     comment = number_at<uint16_t>(left, 32);
		const size_t whole = fixed + name + extra + comment;
		if (!left.starts_with("PK\1\2") || whole > left.size())
			throw_damaged();
		if (is_read_at_once(left.substr(fixed, name)) &&
		    size_of(left, left.substr(fixed + name, extra)) > max_preamble_bytes)
			throw Error("engine.damaged", "the file is damaged: {}",
				    std::string(left.substr(fixed, name)) + " claims more than a few words");
		left.remove_prefix(whole);
	}
}

} // namespace matting
