// SPDX-License-Identifier: GPL-2.0-or-later
// `models` through the program.
#include "models.hpp"
#include "program.hpp"

#include <cstdlib>

#include <nlohmann/json.hpp>
#include <sys/wait.h>

namespace matting {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Models : public FolderTest {
protected:
	Models() { setenv("XDG_DATA_HOME", path("data").c_str(), 1); }
	~Models() override { unsetenv("XDG_DATA_HOME"); }

	static std::string list() { return run_program({"models", "list"}).output; }
	std::vector<std::string> kept() const
	{
		std::vector<std::string> names;
		for (const auto &entry : std::filesystem::directory_iterator(path("data/background-matting/models")))
			names.push_back(entry.path().filename());
		return names;
	}
	ProgramRun fetch(const std::string &folder) const
	{
		return run_program({"models", "fetch", "mobilenetv2", "--from", "file://" + path(folder)});
	}
};

TEST_F(Models, AreListed)
{
	EXPECT_THAT(list(), HasSubstr("bundled      "));
	EXPECT_THAT(list(), HasSubstr("models fetch mobilenetv2\n"));
	EXPECT_THAT(list(), Not(HasSubstr("imported")));
}

TEST_F(Models, AreListedWithoutWhatIsNone)
{
	std::filesystem::copy_file(constant_model(0.25), path("mine.pth"));
	EXPECT_EQ(run_program({"models", "import", path("mine.pth")}).status, 0);
	write_file(path("data/background-matting/models/notes.txt"), "mine.pth is good");
	write_file(path("data/background-matting/models/half.pth"), read_file(path("mine.pth")).substr(0, 5000));
	EXPECT_THAT(list(), AllOf(HasSubstr("mine.pth\n"), Not(HasSubstr("notes.txt")), Not(HasSubstr("half.pth"))));

	const ProgramRun outcome = run_program({"models", "list", "--json"});
	ASSERT_EQ(outcome.status, 0) << outcome.errors;
	const auto models = nlohmann::json::parse(outcome.output)["models"];
	ASSERT_EQ(models.size(), 4);
	EXPECT_EQ(models[0]["kind"], "bundled");
	EXPECT_EQ(models[1]["name"], "mobilenetv2");
	EXPECT_TRUE(models[1]["path"].is_null());
	EXPECT_EQ(models[3]["kind"], "imported");
	EXPECT_EQ(models[3]["name"], "mine.pth");
	EXPECT_EQ(models[3]["path"], path("data/background-matting/models/mine.pth"));
}

TEST_F(Models, AreKnownByTheirNames)
{
	EXPECT_THAT(run_program({"info", "mobilenetv2"}),
		    fails_saying("not here yet: background-matting models fetch mobilenetv2"));
	EXPECT_EQ(run_program({"info", "bundled"}).status, 0);
	std::filesystem::copy_file(constant_model(0.25), path("mine.pth"));
	EXPECT_EQ(run_program({"models", "import", path("mine.pth")}).status, 0);
	EXPECT_THAT(run_program({"info", "mine.pth"}).output,
		    HasSubstr(path("data/background-matting/models/mine.pth")));
}

TEST_F(Models, AreNotListedIntoAFullDisk)
{
	const std::string command =
		std::string("'") + MATTING_PROGRAM + "' models list >/dev/full 2>'" + path("errors") + "'";
	const int status = std::system(command.c_str());
	EXPECT_EQ(WEXITSTATUS(status), 1);
	EXPECT_THAT(read_file(path("errors")),
		    HasSubstr("cannot write to the standard output: No space left on device"));
}

TEST_F(Models, AreImportedIfTheyCanBeUsed)
{
	std::filesystem::copy_file(constant_model(0.25), path("mine.pth"));
	const ProgramRun outcome = run_program({"models", "import", path("mine.pth")});
	EXPECT_EQ(outcome.status, 0) << outcome.errors;
	const std::string copy = path("data/background-matting/models/mine.pth");
	EXPECT_THAT(outcome.output, HasSubstr(copy + "\n"));
	EXPECT_EQ(read_file(copy), read_file(path("mine.pth")));
	EXPECT_THAT(list(), HasSubstr("imported     " + copy + "\n"));
	EXPECT_EQ(run_program({"models", "import", path("mine.pth")}).status, 0) << "again";

	std::filesystem::copy_file(constant_model(0.75), path("mine.pth"),
				   std::filesystem::copy_options::overwrite_existing);
	EXPECT_THAT(run_program({"models", "import", path("mine.pth")}), fails_saying("another model of this name"));
	write_file(path("damaged.pth"), "PK\x03\x04");
	EXPECT_THAT(run_program({"models", "import", path("damaged.pth")}), fails_saying("damaged.pth"));
	std::filesystem::copy_file(constant_model(0.75), path("torchscript_resnet50_fp32.pth"));
	EXPECT_THAT(run_program({"models", "import", path("torchscript_resnet50_fp32.pth")}),
		    fails_saying("has the name of a published model"));
	for (const char *name : {"bundled", "resnet50", "two\nlines.pth"}) {
		std::filesystem::copy_file(constant_model(0.75), path(name));
		EXPECT_THAT(run_program({"models", "import", path(name)}), fails_saying("rename it"));
	}
	EXPECT_THAT(kept(), testing::ElementsAre("mine.pth"));
}

TEST_F(Models, AreListedWithoutAHomeToo)
{
	const char *home = std::getenv("HOME");
	const std::string before = home ? home : "";
	unsetenv("XDG_DATA_HOME");
	unsetenv("HOME");
	const ProgramRun run = run_program({"models", "list"});
	setenv("HOME", before.c_str(), 1);
	EXPECT_EQ(run.status, 0) << run.errors;
	EXPECT_THAT(run.output, AllOf(HasSubstr("bundled      "), HasSubstr("models fetch mobilenetv2\n")));
}

TEST_F(Models, AreFetchedOnlyAsTheyWerePublished)
{
	std::filesystem::create_directory(path("mirror"));
	EXPECT_THAT(fetch("mirror"), fails_saying("cannot download file://"));
	write_file(path("mirror/torchscript_mobilenetv2_fp32.pth"), "<html>");
	EXPECT_THAT(fetch("mirror"), fails_saying("is not the file that was published"));
	std::filesystem::copy_file(constant_model(0.25), path("mirror/torchscript_mobilenetv2_fp32.pth"),
				   std::filesystem::copy_options::overwrite_existing);
	EXPECT_THAT(fetch("mirror"), fails_saying("is not the file that was published"));
	EXPECT_THAT(kept(), IsEmpty());
	EXPECT_EQ(run_program({"models", "fetch", "unheard-of"}).status, 2);
	EXPECT_THAT(run_program({"models", "fetch", "resnet50", "--from", "https://localhost:1"}),
		    fails_saying("check the network and try again"));
	EXPECT_EQ(run_program({"models", "fetch", "resnet50", "--from", "http://localhost"}).status, 2);
}

} // namespace
} // namespace matting
