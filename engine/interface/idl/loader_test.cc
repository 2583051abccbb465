// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/interface/idl/loader.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace ringway::idl {
namespace {

namespace fs = std::filesystem;

class LoaderTest : public ::testing::Test {
 protected:
  LoaderTest() {
    std::string pattern = (fs::path(::testing::TempDir()) / "idlXXXXXX").string();
    if (!mkdtemp(pattern.data())) std::abort();
    folder_ = pattern;
  }
  ~LoaderTest() override { fs::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  // The file names that were read, or what was wrong, with FOLDER for the folder.
  std::string Load(const std::string& name, std::vector<std::string> folders = {}) {
    for (std::string& folder : folders) folder = Path(folder);
    Diagnostics diagnostics;
    Loader loader(folders, &diagnostics);
    std::string why;
    if (!loader.Load(Path(name), &why)) return why;
    std::string text = diagnostics.text();
    if (text.empty()) {
      for (const File* file : loader.files()) text += file->path + " ";
    }
    for (size_t at; (at = text.find(folder_.string())) != std::string::npos;) {
      text.replace(at, folder_.string().size(), "FOLDER");
    }
    return text;
  }

  fs::path folder_;
};

TEST_F(LoaderTest, ImportsComeFirstAndOnce) {
  Write("a.idl", "import \"b.idl\"; import \"c.idl\";");
  Write("b.idl", "import \"c.idl\";");
  Write("c.idl", "interface C {};");
  EXPECT_EQ(Load("a.idl"), "FOLDER/c.idl FOLDER/b.idl FOLDER/a.idl ");
  // By another way, and by a link.
  Write("d.idl", "import \"x/../c.idl\"; import \"link.idl\"; import \"b.idl\";");
  fs::create_directories(folder_ / "x");
  fs::create_symlink(folder_ / "c.idl", folder_ / "link.idl");
  EXPECT_EQ(Load("d.idl"), "FOLDER/x/../c.idl FOLDER/b.idl FOLDER/d.idl ");
}

TEST_F(LoaderTest, ImportsAreFoundBesideTheirFileAndThenInTheFolders) {
  Write("sub/a.idl", "import \"b.idl\"; import \"sub/c.idl\"; import \"d.idl\";");
  Write("sub/b.idl", "");
  Write("b.idl", "interface Wrong {};");
  Write("sub/c.idl", "");
  Write("more/d.idl", "");
  EXPECT_EQ(Load("sub/a.idl", {".", "more"}),
            "FOLDER/sub/b.idl FOLDER/./sub/c.idl FOLDER/more/d.idl FOLDER/sub/a.idl ");
  EXPECT_EQ(Load("sub/a.idl", {"more"}),
            "FOLDER/sub/a.idl:1:24: error: there is no 'sub/c.idl': looked for "
            "FOLDER/sub/sub/c.idl, FOLDER/more/sub/c.idl\n");
}

// B1
TEST_F(LoaderTest, RefusesCycles) {
  Write("a.idl", "import \"b.idl\";");
  Write("b.idl", "\n  import \"c.idl\";");
  Write("c.idl", "import \"a.idl\";");
  EXPECT_EQ(Load("a.idl"),
            "FOLDER/c.idl:1:8: error: these files import each other: FOLDER/a.idl -> FOLDER/b.idl "
            "-> FOLDER/c.idl -> FOLDER/a.idl\n");
  Write("self.idl", "import \"self.idl\";");
  EXPECT_EQ(Load("self.idl"),
            "FOLDER/self.idl:1:8: error: these files import each other: FOLDER/self.idl -> "
            "FOLDER/self.idl\n");
}

TEST_F(LoaderTest, RefusesPathsThatCannotBe) {
  Write("b.idl", "");
  Write("a.idl",
        "import \"/b.idl\"; import \"b.txt\"; import \"\"; import \".idl\"; import \"b.idl\"; "
        "import \"b.idl\";");
  EXPECT_EQ(Load("a.idl"),
            "FOLDER/a.idl:1:8: error: '/b.idl' is no relative path of an .idl file\n"
            "FOLDER/a.idl:1:25: error: 'b.txt' is no relative path of an .idl file\n"
            "FOLDER/a.idl:1:41: error: '' is no relative path of an .idl file\n"
            "FOLDER/a.idl:1:52: error: '.idl' is no relative path of an .idl file\n"
            "FOLDER/a.idl:1:83: error: 'b.idl' is imported twice\n");
}

TEST_F(LoaderTest, RefusesWhatCannotBeRead) {
  EXPECT_EQ(Load("none.idl"), "No such file or directory");
  fs::create_directories(folder_ / "folder.idl");
  EXPECT_EQ(Load("folder.idl"), "Is a directory");
  Write("a.idl", "import \"folder.idl\";");
  EXPECT_EQ(Load("a.idl"),
            "FOLDER/a.idl:1:8: error: cannot read 'FOLDER/folder.idl': Is a directory\n");
  Write("large.idl", std::string((size_t{16} << 20) + 1, ' '));
  EXPECT_EQ(Load("large.idl"), "it has more than 16 MiB");
}

TEST_F(LoaderTest, MistakesInImportsAreReportedWhereTheyAre) {
  Write("a.idl", "import \"b.idl\";\ninterface {};");
  Write("b.idl", "interface X {");
  EXPECT_EQ(Load("a.idl"),
            "FOLDER/a.idl:2:11: error: expected the name of the interface, found '{'\n"
            "FOLDER/b.idl:1:14: error: expected '}' at the end of the interface, found the end of "
            "the file\n");
}

}  // namespace
}  // namespace ringway::idl
