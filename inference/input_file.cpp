// SPDX-License-Identifier: GPL-2.0-or-later
#include "input_file.hpp"

#include "error.hpp"

namespace matting {

intptr_t InputFile::opened() const
{
	if (!opened_)
		throw problem_.empty() ? Error("engine.no_file", "there is no such file") : Error(problem_);
	return *opened_;
}

std::string InputFile::read_all(uintmax_t most) const
{
	const uintmax_t bytes = size();
	if (bytes > most)
		throw Error("engine.too_many_bytes", "it has {} bytes, and {} are the most", bytes, most);
	std::string all(bytes, '\0');
	all.resize(read(0, all.data(), all.size()));
	return all;
}

} // namespace matting
