daicho_fuzz(rule_file SOURCES ${CMAKE_CURRENT_LIST_DIR}/../rule_file_fuzz.cc DEPS daicho_rules)
