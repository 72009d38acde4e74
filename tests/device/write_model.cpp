// SPDX-License-Identifier: GPL-2.0-or-later
// A model of any backbone, with weights by formula: larger ones than travel well.
//     write_model BACKBONE FILE
#include "tests/models.hpp"

#include <cstdio>

int main(int argc, char **argv)
try {
	if (argc != 3)
		return 2;
	std::filesystem::copy_file(matting::formula_model(argv[1]), argv[2],
				   std::filesystem::copy_options::overwrite_existing);
} catch (const std::exception &error) {
	std::fprintf(stderr, "write_model: %s\n", error.what());
	return 1;
}
